import { serveForms } from "./rest-forms.js";
import { Rest } from "./rest.js";

/** Forms of pages that belong to no estate. */
serveForms(new Rest({ base: "/api/v1/" }));
