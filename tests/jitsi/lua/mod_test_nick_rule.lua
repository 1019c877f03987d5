-- A test module: a stand-in for Jitsi's mod_muc_resource_validate. Nicks are the first eight
-- characters of who one is; whoever administers the server may be called as they like.
local jid = require "util.jid";
local st = require "util.stanza";
local um_is_admin = require "core.usermanager".is_admin;

module:hook("muc-occupant-pre-join", function (event)
	local real, nick = event.stanza.attr.from, jid.resource(event.occupant.nick);
	if um_is_admin(jid.bare(real), module.host) or nick == jid.node(real):sub(1, 8) then
		return;
	end
	local reply = st.error_reply(event.stanza, "modify", "not-acceptable", "Resource must match");
	reply.attr.from = event.occupant.nick;
	event.origin.send(reply);
	return true;
end, 100);
