// Every word that the scripts show.

export const words = {
  connected: "Connected",
  lost: "Lost connection",
  noAnswer: "No answer from the server. Your message may not have arrived.",
};
