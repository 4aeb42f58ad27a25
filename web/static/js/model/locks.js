// The locks by which tabs take turns; where there are none (pages without TLS), or none are allowed, everybody has their turn.

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
