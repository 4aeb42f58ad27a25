// A server that speaks as much of tus as ours does, and whose line breaks when it is told so. Stands in for `request`.

export class FakeServer {
  files = new Map(); // by id: {name, size, data}
  asked = []; // "PATCH 0", …
  breaks = []; // for each PATCH: after how many bytes the line breaks; null: it does not
  refusals = []; // for each POST: what it is answered; null: 201
  offline = false;
  held = []; // of PATCHes: functions that let them go on, where `holding`
  holding = false;
  atOnce = 0;
  mostAtOnce = 0;
  #last = 0;

  request = async (method, address, { headers, body, signal, progress }) => {
    const id = address.split("/")[3];
    const file = this.files.get(id);
    this.asked.push(method === "PATCH" ? `PATCH ${headers["Upload-Offset"]}` : method);
    if (this.offline) return answer(0);
    if (headers["Tus-Resumable"] !== "1.0.0") return answer(412);
    if (method === "POST") return this.#announce(headers);
    if (!file) return method === "HEAD" ? answer(404) : refusal(404, { error: "invalid", reason: "no_such_upload" });
    if (method === "HEAD") return answer(200, { "Upload-Offset": file.data.length });
    if (method === "DELETE") return this.files.delete(id), answer(204);
    return this.#bring(file, Number(headers["Upload-Offset"]), body, signal, progress);
  };

  // What has arrived, as text.
  text(id) {
    return this.files.get(id).data.toString();
  }

  #announce({ "Upload-Length": size, "Upload-Metadata": metadata }) {
    const refused = this.refusals.shift();
    if (refused) return refusal(refused.status ?? 400, refused);
    const name = Buffer.from(metadata.split(" ")[1], "base64").toString();
    this.files.set(`file${++this.#last}`, { name, size: Number(size), data: Buffer.alloc(0) });
    return answer(201, { Location: `/uploads/lobby/file${this.#last}` });
  }

  async #bring(file, offset, body, signal, progress) {
    if (offset !== file.data.length) return answer(409);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    const bytes = Buffer.from(await body.arrayBuffer());
    if (this.holding) await new Promise((resolve) => this.held.push(resolve));
    this.atOnce -= 1;
    if (signal.aborted) return answer(0);
    const after = this.breaks.shift() ?? null;
    file.data = Buffer.concat([file.data, bytes.subarray(0, after ?? bytes.length)]);
    progress(after ?? bytes.length);
    return after === null ? answer(204, { "Upload-Offset": file.data.length }) : answer(0);
  }
}

function answer(status, headers = {}, text = "") {
  return { status, text, header: (name) => (name in headers ? `${headers[name]}` : null) };
}

function refusal(status, { status: _, ...said }) {
  return answer(status, {}, JSON.stringify({ ok: false, ...said }));
}
