import { serveForms } from "./rest-forms.js";
import { Rest } from "./rest.js";

/** An estate invites: yes or no. */
serveForms(new Rest({ base: "/api/v1/" }));
