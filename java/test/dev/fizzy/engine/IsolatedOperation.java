package dev.fizzy.engine;

import dev.fizzy.engine.cpu.CpuDevice;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;

/** An operation of a recorded graph, in a graph of its own: the same shapes, random inputs. */
public final class IsolatedOperation {
  /** Bytes of standard normal numbers; inputs repeat them, indices are zeros, which are valid. */
  private static final int NOISE = 4 * 99_991;

  private static final byte[] F32_NOISE = noise(DType.F32);
  private static final byte[] BF16_NOISE = noise(DType.BF16);

  private static final Parameter.Init WEIGHTS = Parameter.Init.fanIn(64);

  private final Graph graph;

  public IsolatedOperation(DType compute, Operation operation) {
    graph = new Graph(compute);
    Map<Tensor, Tensor> copies = new LinkedHashMap<>();
    operation.inputs().forEach(t -> copies.computeIfAbsent(t, this::input));
    List<Tensor> inputs = List.copyOf(copies.values());
    for (Tensor t : operation.outputs()) {
      copies.put(t, graph.output(graph.local(t.name(), t.type(), inputs, t.shape())));
    }
    graph.record((Operation) copy(operation, copies));
  }

  /** The operations of a network as the CPU computes them at inference. */
  public static List<Operation> of(Graph network) {
    return Fusion.of(network).stream().map(Graph.Node::operation).toList();
  }

  private Tensor input(Tensor t) {
    String name = t.name() + " " + t.id();
    return switch (t.role()) {
      case PARAMETER, STATE -> graph.parameter(Parameter.of(name, WEIGHTS, t.shape()));
      default -> graph.input(name, t.type(), Stage.EVALUATION, t.shape());
    };
  }

  /** Its outputs as computed with each number of threads. */
  public List<List<byte[]>> run(int... threads) {
    try (Device device = new CpuDevice(1);
        Parameters parameters = new Parameters(device, graph.parameters(), Region.VALUES)) {
      parameters.initialize(1);
      return Arrays.stream(threads).mapToObj(n -> run(n, parameters)).toList();
    }
  }

  private List<byte[]> run(int threads, Parameters parameters) {
    try (Device device = new CpuDevice(threads);
        Program program = new Program(graph, device, parameters)) {
      for (Tensor t : graph.inputs().values()) {
        byte[] bytes = new byte[Math.toIntExact(t.bytes())];
        for (int at = 0; t.type() != DType.I32 && at < bytes.length; at += NOISE) {
          byte[] noise = t.type() == DType.BF16 ? BF16_NOISE : F32_NOISE;
          System.arraycopy(noise, 0, bytes, at, Math.min(NOISE, bytes.length - at));
        }
        new BytePointer(program.address(t)).put(bytes, 0, bytes.length);
      }
      program.run();
      return graph.outputs().stream().map(program::readBytes).toList();
    }
  }

  private static byte[] noise(DType type) {
    ByteBuffer bytes = ByteBuffer.allocate(NOISE).order(ByteOrder.nativeOrder());
    Random random = new Random(2);
    while (bytes.hasRemaining()) {
      int bits = Float.floatToIntBits((float) random.nextGaussian());
      if (type == DType.F32) {
        bytes.putInt(bits);
      } else {
        bytes.putShort((short) (bits >>> 16));
      }
    }
    return bytes.array();
  }

  /**
   * Equal for operations of one kind whose tensors have the same shapes and whose numbers agree.
   */
  public static String key(Operation operation) {
    return operation.name() + key((Object) operation);
  }

  private static String key(Object value) {
    if (value instanceof Tensor t) {
      return t.role() + " " + t.type() + Arrays.toString(t.shape());
    }
    return value instanceof Record
        ? components(value).stream().map(IsolatedOperation::key).toList().toString()
        : String.valueOf(value);
  }

  /** The value with its tensors, however deep in lists and records, replaced. */
  private static Object copy(Object value, Map<Tensor, Tensor> copies) {
    if (value instanceof List<?> list) {
      return list.stream().map(v -> copy(v, copies)).toList();
    }
    if (!(value instanceof Record record)) {
      return value instanceof Tensor t ? copies.get(t) : value;
    }
    try {
      var constructor = record.getClass().getDeclaredConstructors()[0];
      constructor.setAccessible(true);
      return constructor.newInstance(
          components(record).stream().map(v -> copy(v, copies)).toArray());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(record.toString(), e);
    }
  }

  private static List<Object> components(Object record) {
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      component.getAccessor().setAccessible(true);
      try {
        values.add(component.getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(record.toString(), e);
      }
    }
    return values;
  }
}
