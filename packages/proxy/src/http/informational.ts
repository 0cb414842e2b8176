/**
 * 1xx answers that are passed on before the answer proper. They are outside of every flow control: an endpoint that
 * sends them without end would fill the memory of whoever waits for a slow client.
 */
export const MAX_INFORMATIONAL = 100;
