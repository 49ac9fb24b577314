export type {
  Address,
  Connection,
  Transport,
  Listener,
  ListenOptions,
  DialOptions,
  BindOptions,
  Datagram,
  DatagramSocket,
} from "./transport.ts";
