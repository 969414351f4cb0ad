// Where this phone keeps what the verifier wants remembered of a log: one record per log, opaque to every script. A
// bonus: when it is gone or refused, checking goes on as on a first visit.

const key = (origin) => `sanwu.log.${origin}`;

/** The record of a log, or null. */
export function recall(origin) {
  try {
    return localStorage.getItem(key(origin));
  } catch {
    return null;
  }
}

/**
 * Stores a record in place of `before`, with which it was compared; whether anything can be stored. What another tab
 * has stored in between stays, and is compared next time.
 */
export function keep(origin, before, record) {
  try {
    if (localStorage.getItem(key(origin)) === before) localStorage.setItem(key(origin), record);
    return true;
  } catch {
    // Private browsing, or storage full.
    return false;
  }
}
