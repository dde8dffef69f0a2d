/** The media type of answers that come in lines, each of them JSON. */
export const JSON_LINES = 'application/x-ndjson';
