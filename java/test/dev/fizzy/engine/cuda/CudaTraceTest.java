package dev.fizzy.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.profile.Trace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@OnCuda
class CudaTraceTest {
  @Test
  void anOperationHasARowOnTheHostAndOneOnTheGpu() throws IOException {
    Graph g = new Graph(DType.F32);
    g.output(Activation.silu(g.input("x", DType.F32, Stage.EVALUATION, 4, 128)));
    JsonNode json;
    try (Device device = Devices.open("cuda", 1);
        Program program = new Program(g, device, null);
        Trace trace = Trace.start()) {
      program.run();
      trace.close();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      trace.write(out, Map.of());
      json = new ObjectMapper().readTree(out.toByteArray());
      assertTrue(trace.shares().get("operation") <= 1, "the GPU's time is no time of the host");
    }
    List<JsonNode> spans = new ArrayList<>();
    JsonNode gpu = null;
    for (JsonNode event : json.get("traceEvents")) {
      if (event.path("cat").asText().equals("operation")) {
        spans.add(event);
      } else if (event.at("/args/name").asText().equals("cuda:0")) {
        gpu = event;
      }
    }
    assertEquals(2, spans.size());
    JsonNode host = spans.get(0);
    JsonNode device = spans.get(1);
    assertEquals(gpu.get("tid"), device.get("tid"));
    assertEquals(host.get("args"), device.get("args"));
    double end = host.get("ts").asDouble() + host.get("dur").asDouble();
    assertEquals(end, device.get("ts").asDouble() + device.get("dur").asDouble(), 1e-3);
    assertTrue(device.get("dur").asDouble() > 0, device.toString());
  }
}
