// Keeps an open page true, by what the server tells of it.
