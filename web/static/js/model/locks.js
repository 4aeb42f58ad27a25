// Locks between tabs. Where the browser has none (pages without TLS) or forbids them, the work is done without a lock.

export function locksIfAllowed() {
  return {
    async request(name, work) {
      let begun = false;
      try {
        return await navigator.locks.request(name, () => {
          begun = true;
          return work();
        });
      } catch (error) {
        if (begun) throw error;
        return work();
      }
    },
  };
}
