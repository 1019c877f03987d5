"""The pages: what a browser is shown, and what is done there."""
