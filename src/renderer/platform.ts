/** For the names of keys only. */
export const isMac = /mac/i.test(window.navigator.userAgent);
