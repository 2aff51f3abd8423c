import { $, h, setText, show } from "./dom.js";

/** @typedef {{id: string, name: string, phone: string}} Contact */

/**
 * The member's own emergency contacts: who else gets a text message.
 * @param {import("./clustr.js").Rest} rest
 * @param {Contact[]} contacts
 */
export function showContacts(rest, contacts) {
  const trouble = $("#contact-trouble");
  const form = /** @type {HTMLFormElement} */ ($("#contact-form"));

  const draw = () => {
    $("#contacts").replaceChildren(
      ...contacts.map((contact) =>
        h(
          "li",
          {},
          h("span", { class: "who" }, h("span", {}, contact.name), h("span", { class: "quietly" }, contact.phone)),
          h("button", { type: "button", class: "button button-quiet end", onclick: () => remove(contact) }, "Remove", h("span", { class: "visually-hidden" }, ` ${contact.name}`)),
        ),
      ),
    );
    show($("#contacts-none"), contacts.length === 0);
  };
  const attempt = async (/** @type {() => Promise<void>} */ change) => {
    show(trouble, false);
    try {
      await change();
      draw();
    } catch (error) {
      setText(trouble, error instanceof Error ? error.message : String(error));
      show(trouble, true);
    }
  };
  const remove = (/** @type {Contact} */ contact) =>
    attempt(async () => {
      await rest.call("DELETE", `contacts/${contact.id}/`);
      contacts = contacts.filter(({ id }) => id !== contact.id);
    });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = Object.fromEntries(new FormData(form));
    attempt(async () => {
      contacts = [...contacts, await rest.call("POST", "contacts/", { body: data })];
      form.reset();
    });
  });
  draw();
}
