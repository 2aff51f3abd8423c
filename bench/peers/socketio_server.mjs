// Socket.IO: each line of stdin to every socket.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  // The load client does not answer them.
  pingInterval: 900_000,
  pingTimeout: 900_000,
});
createInterface({ input: process.stdin })
  .on("line", (line) => io.emit("event", line))
  .on("close", () => process.exit(0));
http.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 }, () => console.log("ready"));
