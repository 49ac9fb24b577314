/** What `docker service create --name web --replicas 2 process sleep 100` posts. */
export function serviceRequest(name = "web", change: object = {}): object {
  return {
    Name: name,
    Labels: {},
    TaskTemplate: {
      ContainerSpec: {
        Image: "process:latest",
        Args: ["sleep", "100"],
        Init: false,
        DNSConfig: {},
      },
      Resources: { Limits: {}, Reservations: {} },
      Placement: {},
      ForceUpdate: 0,
    },
    Mode: { Replicated: { Replicas: 2 } },
    EndpointSpec: { Mode: "vip" },
    ...change,
  };
}
