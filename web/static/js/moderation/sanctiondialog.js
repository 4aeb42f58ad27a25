// The sanction dialog, for moderators: deletes a message; mutes or bans a person, or deletes what they wrote. Their way back is a page of its own.

export function sanctionDialog(dialog, connection, refusal) {
  const form = dialog.querySelector("form");
  const { time, addresses } = form.elements;
  const [heading, quote, result] = ["h2", ".quote", ".result"].map((name) => dialog.querySelector(name));
  let about = {};

  on("delete", () => connection.ask("delete", { room: about.message.room, seq: about.message.seq, id: about.message.id }));
  for (const kind of ["mute", "ban"]) on(kind, () => connection.ask(kind, { ...sanction(), addresses: addresses.checked }));

  on("purge", purge);

  // In steps, each of which says where the next one begins.
  async function purge() {
    let ack;
    for (let next; (ack = await connection.ask("purge", { ...sanction(), ...(next && { next }) })).next; next = ack.next);
    return ack;
  }

  function on(name, act) {
    form.elements[name].addEventListener("click", async () => {
      const ack = await act();
      if (ack.ok) dialog.close();
      else result.textContent = refusal(ack);
    });
  }

  function sanction() {
    const seconds = Number(time.value);
    return { person: about.person.id, name: about.person.name, ...(seconds && { seconds }) };
  }

  // `message` is null where the dialog is about the person only. Moderators cannot sanction themselves.
  function open(person, message, isMe) {
    about = { person, message };
    heading.textContent = person.name || person.id; // of a deleted message's author only this is left
    quote.textContent = message?.text?.slice(0, 200) ?? "";
    result.textContent = "";
    form.elements.delete.hidden = !message || Boolean(message.deleted);
    form.elements.whom.hidden = isMe;
    addresses.checked = false;
    form.querySelector(".them").href = `/people/${person.id}`;
    dialog.showModal();
  }

  return { open };
}
