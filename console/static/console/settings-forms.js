import { localMoments } from "./moments.js";
import { serveForms } from "./rest-forms.js";
import { Rest } from "./rest.js";

/** Pages of one's own account whose forms go through REST as everybody's do. */
serveForms(new Rest({ base: "/api/v1/" }));
localMoments();
