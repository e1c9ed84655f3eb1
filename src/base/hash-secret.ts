// What hash tables whose keys are strangers' choice are spread by. Drawn once per thread, and never told: whoever knew it could
// choose keys that all want one place, and have every lookup pass all of them. It decides where a key lies, and nothing
// else: two threads that replay the same records with different ones come to the same state. Any thread.

/** 32 bits. */
export const hashSecret: number = Math.floor(Math.random() * 2 ** 32) | 0;
