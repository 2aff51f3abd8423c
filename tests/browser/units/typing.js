async ({ at, test, same, wait, until }) => {
  const { Typing } = await at("typing");
  const frame = (member_id, extra = {}) => ({ subject: { kind: "alert", id: "1" }, member_id, name: `${member_id} Obi`, lasts_s: 5, ...extra });

  test("typing is said now and then, however many keys are pressed", async () => {
    const sent = [];
    const typing = new Typing({ me: "me", send: (one) => sent.push(one) > 0 });
    for (let key = 0; key < 20; key += 1) typing.note("alert", "1");
    typing.note("alert", "2");
    same(sent.map(({ type, subject }) => `${type} ${subject.kind} ${subject.id}`), ["typing alert 1", "typing alert 2"]);
    typing.sent("alert", "1");
    typing.note("alert", "1");
    same(sent.length, 3);
  });
  test("typing that could not be said is tried with the next key", async () => {
    let tries = 0;
    const typing = new Typing({ me: "me", send: () => (tries += 1) > 1 });
    for (let key = 0; key < 5; key += 1) typing.note("alert", "1");
    same(tries, 2);
  });
  test("others are seen writing until their words come or the time is over, and oneself never", async () => {
    const typing = new Typing({ me: "me", send: () => true });
    const told = [];
    typing.on("change", (kind, id) => told.push([kind, id, ...typing.of(kind, id)].join(" ")));
    typing.take(frame("me"));
    typing.take(frame("gate"));
    typing.take(frame("sule", { lasts_s: 0.05 }));
    typing.stopped("alert", "1", "gate");
    typing.stopped("alert", "1", "gate");
    await until(() => told.length === 4, 1000);
    same(told, ["alert 1 gate Obi", "alert 1 gate Obi sule Obi", "alert 1 sule Obi", "alert 1"]);
    same(typing.of("alert", "2"), []);
  });
  test("who goes on writing is seen for longer", async () => {
    const typing = new Typing({ me: "me", send: () => true });
    typing.take(frame("gate", { lasts_s: 0.1 }));
    await wait(60);
    typing.take(frame("gate", { lasts_s: 0.2 }));
    await wait(100);
    same(typing.of("alert", "1"), ["gate Obi"]);
    await until(() => typing.of("alert", "1").length === 0, 1000);
  });
}
