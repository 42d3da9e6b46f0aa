import type { Host } from './network.ts';

/**
 * Configuration of a provider edge. Pure. Its behaviour is in the hash table `mode`, changed while it runs:
 * `options` (0 silent, else the status), `invite` (0 relay, 1 silent, 2 only 100, 3 only 180, else the status), `first` (0 or a
 * provisional status before the refusal), `cap` (OPTIONS of one minute of the clock, over all sources, above which nobody's OPTIONS
 * is answered any more; 0 for none), `own` (the one From user that is let through, others get 403; empty for any), `late` (seconds that an OPTIONS waits
 * for its answer, and a call after its 100 until it is relayed), `hide` (1: requests within a call go through the edge too), `behind` (the SIP URI of who
 * answers calls). Every INVITE is logged as one JSON line, every OPTIONS with its time and who sent it.
 *
 * @see Kamailio 5.6: modules sl, tm, htable, ctl, xlog, cfgutils
 */
export function kamailioConfig(host: Host, controlSocket: string): string {
  const [address] = host.addresses;
  const listens = host.addresses.map((each) => `listen=udp:${each}:5060`).join('\n');
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=2
auto_aliases=no
disable_tcp=yes
server_signature=no
${listens}
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "kex.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "maxfwd.so"
loadmodule "cfgutils.so"
loadmodule "htable.so"
loadmodule "ctl.so"
loadmodule "async.so"
modparam("ctl", "binrpc", "unix:${controlSocket}")
modparam("htable", "htable", "mode=>size=5;")
modparam("async", "workers", 2)
modparam("tm", "fr_timer", 5000)
modparam("tm", "fr_inv_timer", 120000)
modparam("tm", "auto_inv_100", 0)
event_route[htable:mod-init] {
  $sht(mode=>options) = 200;
  $sht(mode=>invite) = 0;
  $sht(mode=>first) = 0;
  $sht(mode=>cap) = 0;
  $sht(mode=>banned) = 0;
  $sht(mode=>minute) = 0;
  $sht(mode=>asked) = 0;
  $sht(mode=>hide) = 0;
  $sht(mode=>late) = 0;
  $sht(mode=>own) = "";
  $sht(mode=>behind) = "sip:${address}:5070";
}
onreply_route[HIDE] {
  subst_hf("Contact", "/:5070/:5060/", "a");
}
route[LATE_OPTIONS] {
  t_reply("$sht(mode=>options)", "Lab");
}
route[LATE_CALL] {
  $du = $sht(mode=>behind);
  t_relay();
}
request_route {
  $var(late) = $sht(mode=>late);
  if (is_method("OPTIONS")) {
    xlog("L_ERR", "LABOPTIONS $TV(sn) $TV(un) from $si by $ua\\n");
    $var(minute) = $TV(sn) / 60;
    if ($sht(mode=>minute) != $var(minute)) {
      $sht(mode=>minute) = $var(minute);
      $sht(mode=>asked) = 0;
    }
    $var(asked) = $shtinc(mode=>asked);
    if ($sht(mode=>cap) > 0 && $var(asked) > $sht(mode=>cap)) $sht(mode=>banned) = 1;
    if ($sht(mode=>banned) == 1) exit;
    if ($sht(mode=>options) != 0 && $var(late) > 0) {
      if (t_newtran()) {
        t_set_fr(60000, 60000);
        async_route("LATE_OPTIONS", "$var(late)");
      }
      exit;
    }
    if ($sht(mode=>options) != 0) sl_send_reply("$sht(mode=>options)", "Lab");
    exit;
  }
  if ($sht(mode=>hide) == 1 && $rU == $null) {
    $du = $sht(mode=>behind);
    t_relay();
    exit;
  }
  if (is_method("CANCEL")) {
    if (t_check_trans()) t_relay();
    exit;
  }
  if (is_method("ACK")) {
    t_check_trans();
    exit;
  }
  if (!is_method("INVITE")) {
    sl_send_reply("405", "Method Not Allowed");
    exit;
  }
  xlog("L_ERR", "LABINVITE {\\"requestUri\\":\\"$ru\\",\\"callId\\":\\"$ci\\",\\"cseq\\":\\"$cs\\",\\"fromUser\\":\\"$fU\\",\\"asserted\\":\\"$hdr(P-Asserted-Identity)\\",\\"privacy\\":\\"$hdr(Privacy)\\",\\"media\\":\\"$(rb{line.sw,m=audio})\\",\\"sourceAddress\\":\\"$si\\",\\"epochS\\":$TV(sn),\\"epochUs\\":$TV(un)}\\n");
  if ($sht(mode=>invite) == 1) exit;
  if (!t_newtran()) exit;
  if ($sht(mode=>own) != "" && $sht(mode=>own) != $fU) {
    t_reply("403", "Caller not known here");
    exit;
  }
  if ($sht(mode=>invite) == 2) {
    t_reply("100", "Trying");
    exit;
  }
  if ($sht(mode=>invite) == 3) {
    t_reply("180", "Ringing");
    exit;
  }
  if ($sht(mode=>invite) != 0) {
    if ($sht(mode=>first) != 0) {
      t_reply("$sht(mode=>first)", "Lab");
      usleep("300000");
    }
    t_reply("$sht(mode=>invite)", "Lab");
    exit;
  }
  if ($var(late) > 0) {
    t_reply("100", "Trying");
    t_set_fr(120000, 60000);
    async_route("LATE_CALL", "$var(late)");
    exit;
  }
  $du = $sht(mode=>behind);
  if ($sht(mode=>hide) == 1) t_on_reply("HIDE");
  t_relay();
}
`;
}
