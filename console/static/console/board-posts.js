import { $, h, icon, setText, show } from "./dom.js";
import { say } from "./page.js";

/**
 * The guard posts: whose tablet is here, whose is dark since when, who else is here, and which post this tablet is.
 *
 * @typedef {{id: string, name: string, device: string|null, dark_since: string|null, texted_at: string|null}} Post
 */
export class Posts {
  /**
   * @param {{feed: import("./clustr.js").Feed, clock: {minutes: (at: string|number) => string}, posts: Post[],
   *   mayPair: boolean}} around
   */
  constructor({ feed, clock, posts, mayPair }) {
    this.feed = feed;
    this.clock = clock;
    this.posts = posts;
    this.mayPair = mayPair;
    this.options = "";
    /** @type {string|null} what somebody has chosen and not said yet */
    this.chosen = null;
    this.choice = /** @type {HTMLSelectElement} */ ($("#my-post"));
    this.choice.addEventListener("change", () => (this.chosen = this.choice.value));
    $("#my-post-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#pair();
    });
    feed.on("presence", () => this.draw());
    feed.on("event", ({ event }) => event.startsWith("staff.post.") && this.refresh());
    feed.on("welcome", () => this.refresh());
    this.draw();
  }

  /** @returns {string} the name with which this browser connects */
  get device() {
    return this.feed.connection.device;
  }

  draw() {
    const people = this.feed.presence;
    const dark = this.posts.filter(({ dark_since }) => dark_since);
    $("#posts").replaceChildren(...this.posts.map((post) => this.#line(post, people)));
    show($("#posts-none"), this.posts.length === 0);
    const darkness = (/** @type {Post} */ { name, dark_since }) =>
      `${name} tablet: dark since ${this.clock.minutes(dark_since ?? "")}.`;
    setText($("#dark-posts"), dark.map(darkness).join(" "));
    show($("#dark-posts"), dark.length > 0);
    const names = [...(people?.values() ?? [])].map(whereabouts).join(", ") || "nobody";
    setText($("#here"), people ? `Here now: ${names}.` : "Who is here is not known yet.");
    show($("#my-post-form"), this.mayPair && this.posts.length > 0);
    this.#drawChoice();
  }

  async refresh() {
    try {
      this.posts = (await this.feed.rest.call("GET", "posts/?page_size=200")).results;
      this.draw();
    } catch {
      // The network is gone; the next welcome asks again.
    }
  }

  /** @param {Post} post @param {Map<string, import("./presence.js").PersonHere>|null} people */
  #line(post, people) {
    const holder = [...(people?.values() ?? [])].find(({ metas }) =>
      metas.some(({ device }) => device === post.device),
    );
    const tone = post.dark_since ? "late" : holder ? "good" : "quiet";
    const sign = icon({ late: "late", good: "done", quiet: "gone" }[tone]);
    return h("li", { "data-tone": tone }, sign, this.#words(post, people, holder?.name));
  }

  /**
   * @param {Post} post
   * @param {Map<string, import("./presence.js").PersonHere>|null} people
   * @param {string} [holder] who is signed in on its tablet
   */
  #words({ name, device, dark_since, texted_at }, people, holder) {
    if (!device) return `${name}: no tablet`;
    const texted = texted_at ? `, security texted ${this.clock.minutes(texted_at)}` : "";
    if (dark_since) return `${name} tablet: dark since ${this.clock.minutes(dark_since)}${texted}`;
    if (!people) return `${name} tablet: not known yet`;
    return `${name} tablet: ${holder ? `here, ${holder}` : "not here just now"}`;
  }

  #drawChoice() {
    const mine = this.posts.find(({ device }) => device === this.device);
    const named = (/** @type {Post} */ post) =>
      post.device && post !== mine ? `${post.name} (in place of another tablet)` : post.name;
    const options = [["", "at no post"], ...this.posts.map((post) => [post.id, named(post)])];
    // A list that a finger has opened is left in peace while nothing in it changes.
    if (this.options !== JSON.stringify(options)) {
      this.options = JSON.stringify(options);
      this.choice.replaceChildren(...options.map(([value, text]) => h("option", { value }, text)));
    }
    this.choice.value = this.chosen ?? mine?.id ?? "";
  }

  /** A tablet stands at one post: it is taken away from the old one first. */
  async #pair() {
    const wanted = this.choice.value;
    const trouble = $("#my-post-trouble");
    show(trouble, false);
    try {
      const left = this.posts.filter(({ device, id }) => device === this.device && id !== wanted);
      for (const { id } of left) await this.feed.rest.call("DELETE", `posts/${id}/device/`);
      if (wanted) await this.feed.rest.call("POST", `posts/${wanted}/device/`, { body: { device: this.device } });
      const name = this.posts.find(({ id }) => id === wanted)?.name;
      say(name ? `This tablet is ${name}.` : "This tablet is at no post.");
    } catch (error) {
      setText(trouble, error instanceof Error ? error.message : String(error));
      show(trouble, true);
    }
    this.chosen = null;
    await this.refresh();
  }
}

/** @param {import("./presence.js").PersonHere} person "Gate Nwosu (Main gate)" */
function whereabouts({ name, metas }) {
  const posts = metas.flatMap(({ post }) => (post ? [post.name] : []));
  return posts.length ? `${name} (${posts.join(", ")})` : name;
}
