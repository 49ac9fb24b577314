// The sample service of `npm start`: says who it is. Listens on a port that the system chooses and prints its URL.
import { createServer } from "node:http";

const slot = process.env.WAGGLE_TASK_SLOT ?? "?";
const server = createServer((request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(
    `Hello from replica ${slot}, process ${process.pid}: ${request.method} ${request.url}\n`,
  );
});
server.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
