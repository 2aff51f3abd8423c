import { serveForms } from "./rest-forms.js";
import { Rest } from "./rest.js";

/** A new estate: its time zone follows its country until somebody chooses one. */
serveForms(new Rest({ base: "/api/v1/" }));

/** @type {Record<string, string[]>} */
const zonesOf = JSON.parse(document.getElementById("zones")?.textContent ?? "{}");
const country = document.getElementById("estate-country");
const zone = document.getElementById("estate-zone");

if (country instanceof HTMLSelectElement && zone instanceof HTMLSelectElement) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const home = Object.keys(zonesOf).find((code) => zonesOf[code].includes(here));
  // Where the browser is, the estate most likely is too.
  if (home) {
    country.value = home;
    zone.value = here;
  }
  country.addEventListener("change", () => {
    const first = zonesOf[country.value]?.[0];
    if (first) zone.value = first;
  });
}
