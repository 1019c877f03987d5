-- A test module: a stand-in for Jitsi's mod_muc_lobby_rooms. Whoever is no member of a meeting for
-- members only is told the room in which to wait: here `lobby-…` at the same component.
local jid = require "util.jid";
local st = require "util.stanza";

module:hook("muc-occupant-pre-join", function (event)
	local room = event.room;
	local affiliation = room:get_affiliation(event.stanza.attr.from);
	if not room._data.members_only or (affiliation and affiliation ~= "none") then
		return;
	end
	local reply = st.error_reply(event.stanza, "auth", "registration-required");
	reply.attr.from = event.occupant.nick;
	local node, host = jid.split(room.jid);
	reply:get_child("error"):tag("lobbyroom", { xmlns = "http://jitsi.org/jitmeet" })
		:text("lobby-" .. node .. "@" .. host):up();
	event.origin.send(reply);
	return true;
end, 50);
