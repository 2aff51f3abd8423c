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
  if (event.data === "forget-pages") event.waitUntil(caches.delete(PAGE_CACHE));
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
