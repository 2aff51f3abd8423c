import "./desk.js";
import { readPage } from "./page.js";
import { serveForms } from "./rest-forms.js";
import { Rest } from "./rest.js";

/** A new estate: its forms, beside a drill that is followed live. */
serveForms(new Rest({ base: `/api/v1/estates/${readPage().estate.id}/` }));
