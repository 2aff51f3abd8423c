// The server puts VERSION (changes with every file of the shell) and SHELL (their addresses) above this line.
//
// Pages come from the network first, and from this device when there is none. Scripts and styles come from this device
// first. /api is never touched: an alert that is shown must be the alert that is.

const SHELL_CACHE = `clustr-shell-${VERSION}`;
const PAGE_CACHE = `clustr-pages-${VERSION}`;
const OFFLINE = "/offline/";
/** Pages that are worth having without a network. */
const KEPT = /^\/estates\/[^/]+\/(home|board)\/$/;
/** A network that has not answered by then is as good as none. */
const PATIENCE_MS = 6000;

/** The server has newer scripts than this worker: until the next worker is there, all of them come from the network. */
let isOutdated = false;

addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL_CACHE)
      .then((cache) => cache.addAll(SHELL.map((url) => new Request(url, { cache: "reload" }))))
      .then(() => skipWaiting()),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(replaceOld().then(() => clients.claim()));
});

addEventListener("message", (event) => {
  if (event.data === "forget-pages") event.waitUntil(Promise.allSettled([caches.delete(PAGE_CACHE), sleep()]));
});

addEventListener("push", (event) => {
  event.waitUntil(call(event.data));
});

addEventListener("notificationclick", (event) => {
  const { page, link, receipt } = event.notification.data;
  event.notification.close();
  event.waitUntil(Promise.allSettled([confirm(receipt, "seen"), open(page, link)]));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (url.pathname.startsWith("/static/console/") && !isOutdated) event.respondWith(file(request));
});

/** Takes over from older workers, with fresh copies of the pages they had kept: their copies need their scripts. */
async function replaceOld() {
  const fresh = await caches.open(PAGE_CACHE);
  for (const name of await caches.keys()) {
    if (!name.startsWith("clustr-") || name === SHELL_CACHE || name === PAGE_CACHE) continue;
    if (name.startsWith("clustr-pages-")) {
      const old = await (await caches.open(name)).keys();
      await Promise.allSettled(old.map(({ url }) => keep(fresh, url, fetch(url, { credentials: "same-origin" }))));
    }
    await caches.delete(name);
  }
}

async function keep(cache, url, fetched) {
  const response = await fetched;
  if (response.ok && !response.redirected) await cache.put(url, response.clone());
  return response;
}

async function page(request, url) {
  try {
    const response = await withinPatience(fetch(request));
    const version = response.headers.get("X-ClustR-Shell");
    if (version && version !== VERSION) isOutdated = true;
    else if (KEPT.test(url.pathname)) await keep(await caches.open(PAGE_CACHE), url.href, Promise.resolve(response.clone()));
    return response;
  } catch {
    return (await caches.match(url.href)) ?? (await caches.match(OFFLINE)) ?? Response.error();
  }
}

async function file(request) {
  return (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);
}

function withinPatience(promise) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("The network does not answer.")), PATIENCE_MS);
    promise.then(resolve, reject);
  });
}

/** What is shown where a message cannot be read: a browser takes push away from who shows nothing. */
const UNREADABLE = { tag: "clustr", title: "ClustR", text: "Open ClustR to see what is new.", page: "/", is_loud: true };
const LOUD = { requireInteraction: true, vibrate: [500, 200, 500, 200, 500] };

async function call(data) {
  const notice = readable(data) ?? UNREADABLE;
  // The same message can come twice; the second one makes no noise.
  const shown = await registration.getNotifications({ tag: notice.tag });
  const isNew = !shown.some((one) => one.data?.receipt === notice.receipt);
  await registration.showNotification(notice.title, {
    ...(notice.is_loud ? LOUD : { silent: true }),
    body: notice.text,
    tag: notice.tag,
    renotify: notice.is_loud && isNew,
    timestamp: notice.at,
    icon: SHELL.find((url) => url.includes("icons/icon-192")),
    badge: SHELL.find((url) => url.includes("icons/icon-192")),
    data: notice,
  });
  await confirm(notice.receipt, "received");
}

function readable(data) {
  try {
    const notice = data.json();
    return notice.title && notice.tag && notice.page ? notice : null;
  } catch {
    return null;
  }
}

/** Says to the server that it is here. The token in the message is enough: nobody need be signed in. */
async function confirm(receipt, kind) {
  for (const wait of receipt ? [0, 1000, 4000] : []) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const body = JSON.stringify({ receipt, kind });
      const headers = { "Content-Type": "application/json" };
      const { status } = await fetch("/webhooks/push/", { method: "POST", headers, body, credentials: "omit" });
      if (status < 500) return;
    } catch {
      // The network has just been woken as well.
    }
  }
}

/** The page, in the window that has it, or anew; for who is signed out, the page where he answers all the same. */
async function open(page, link) {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find(({ url }) => new URL(url).pathname === page);
  if (there) return there.focus();
  return clients.openWindow(link && (await isSignedOut(page)) ? link : page);
}

async function isSignedOut(page) {
  const asked = fetch(page, { redirect: "manual", credentials: "same-origin" });
  // A browser lets a tap open a window for a few seconds only.
  const late = new Promise((resolve) => setTimeout(resolve, 1500));
  return (await Promise.race([asked, late]).catch(() => undefined))?.type === "opaqueredirect";
}

/** Somebody signs out here: nothing about him stays on the screen, and nothing wakes this device for him. */
async function sleep() {
  for (const shown of await registration.getNotifications()) shown.close();
  await (await registration.pushManager?.getSubscription())?.unsubscribe();
}
