/** What this browser remembers of how the editor was left. A browser that keeps nothing is no reason to stop. */
export function remember(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // It is as it usually is the next time.
  }
}

export function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
