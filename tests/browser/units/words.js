async ({ at, test, same }) => {
  const { describe } = await at("status");
  const { Alerts } = await at("alerts");
  const { refresh, resource } = await at("commands");
  const { wayTo } = await at("geo");
  const words = await at("words");

  test("the connection is said in words and age", () => {
    const now = 1_000_000;
    const say = (state, more) =>
      describe({ state, heardAt: now, lostAt: null, startedAt: now, isOnline: true, heartbeatMs: 10_000, ...more }, now, () => "14:01").words;
    same(
      [
        say("live", { heardAt: now - 200 }), say("live", { heardAt: now - 16_000 }), say("waiting", { heardAt: now - 14_000 }),
        say("waiting", { heardAt: now - 90_000 }), say("waiting", { isOnline: false }), say("connecting", { heardAt: null }), say("revoked", {}),
      ],
      ["live 0.2 s", "last heard 16 s ago, checking", "last seen 14 s ago, trying", "offline since 14:01", "offline since 14:01", "connecting", "access ended"],
    );
  });
  test("the way to an alert is said in metres and a direction", () => {
    same(
      [wayTo({ lat: 6.44, lon: 3.47 }, { lat: 6.4427, lon: 3.4727 }), wayTo({ lat: 6.44, lon: 3.47 }, { lat: 6.4, lon: 3.47 }), wayTo({ lat: 1, lon: 1 }, { lat: 1, lon: 1 })],
      ["420 m north-east", "4.4 km south", "here"],
    );
  });
  const alert = (more = {}) => ({
    id: "a", number: 1, version: 1, category: "fire", categories: ["fire"], state: "active", raised_at: "2026-01-01T10:00:00Z",
    unit: { name: "B-14" }, raised_by: { member_id: "m", name: "Ada Obi" }, on_behalf_of: null, responders: [], is_drill: false, outcome: null,
    proof: { tablets_intended: 4, tablets_received: 3, sms_intended: 2, sms_sent: 2, sms_delivered: 1, sms_failed: 0, calls_intended: 0, calls_answered: 0, calls_failed: 0 },
    next_step: { channel: "sms", audience: ["guards", "security_heads"], due_at: "2026-01-01T10:00:18Z" }, ...more,
  });
  test("the proof line says who has it, who was texted, and what comes next", () => {
    const said = words.proof(alert(), Date.parse("2026-01-01T10:00:00Z")).map(({ text }) => text).join(" · ");
    same(said, "Received 3/4 tablets · SMS to 2 (1 delivered, 1 sent) · next: SMS to all guards, security head in 18 s");
  });
  test("the proof line counts calls, and says when the telephones ring", () => {
    const called = { ...alert().proof, sms_intended: 0, calls_intended: 3 };
    const next_step = { channel: "voice", audience: ["guards"], due_at: "2026-01-01T10:00:18Z" };
    const said = (proof) => words.proof(alert({ proof, next_step }), Date.parse("2026-01-01T10:00:00Z")).slice(1).map(({ text }) => text).join(" · ");
    same(said(called), "3 calls (ringing) · next: voice call to all guards in 18 s");
    same(said({ ...called, calls_answered: 1, calls_failed: 2 }), "3 calls (1 answered, 2 not) · next: voice call to all guards in 18 s");
    same(words.proof(alert({ proof: called, next_step: null, state: "acknowledged" }), 0)[1].text, "3 calls");
    same(words.proof(alert({ proof: { ...called, calls_failed: 3 }, next_step: null }), 0)[1].tone, "late");
  });
  test("ages count up in minutes and hours", () => same([0, 42_000, 3_727_000].map(words.stopwatch), ["00:00", "00:42", "1:02:07"]));
  test("the newest version of an alert wins, whatever the order of arrival", () => {
    const alerts = new Alerts();
    same([alerts.put(alert({ version: 2 })), alerts.put(alert({ version: 1 })), alerts.put(alert({ version: 3, state: "closed" }))], [true, false, true]);
    same([alerts.open.length, alerts.over.length], [0, 1]);
  });
  test("open alerts stand with the unanswered first, then by severity, then by age", () => {
    const alerts = new Alerts();
    alerts.put(alert({ id: "old", category: "other", raised_at: "2026-01-01T09:00:00Z" }));
    alerts.put(alert({ id: "taken", state: "acknowledged" }));
    alerts.put(alert({ id: "fire2", raised_at: "2026-01-01T10:05:00Z" }));
    alerts.put(alert({ id: "fire1" }));
    same(alerts.open.map(({ id }) => id), ["fire1", "fire2", "old", "taken"]);
  });
  test("a raise that waited carries what is left of its countdown", () => {
    const entry = (age) => ({ name: "emergency.alert.raise", data: { id: "a", countdown_s: 5 }, at: Date.now() - age });
    same([refresh(entry(0)).countdown_s, refresh(entry(3000)).countdown_s, "countdown_s" in refresh(entry(9000))], [5, 2, false]);
  });
  test("every command has its twin in REST", () => {
    same(resource("emergency.alert.raise", { id: "a", category: "fire" }), { path: "alerts/", body: { id: "a", category: "fire" } });
    same(resource("emergency.alert.on_scene", { id: "a" }), { path: "alerts/a/on-scene/", body: {} });
    same(resource("emergency.alert.request_cancel", { id: "a" }), { path: "alerts/a/cancel-request/", body: {} });
    same(resource("something.else", {}), null);
  });
}
