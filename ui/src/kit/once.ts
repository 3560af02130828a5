/** A window with what is shown once: neither a key nor a click beside it takes it away. Who has it says so. */
export const ONCE = { closeOnEscape: false, closeOnClickOutside: false, withCloseButton: false };
