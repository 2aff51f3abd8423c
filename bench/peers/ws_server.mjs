// ws: each line of stdin to every socket.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
createInterface({ input: process.stdin })
  .on("line", (line) => {
    for (const socket of server.clients) socket.send(line);
  })
  .on("close", () => process.exit(0));
http.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 }, () => console.log("ready"));
