package dev.fizzy.engine;

import dev.fizzy.engine.profile.OperationEvent;
import dev.fizzy.engine.profile.Trace;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A planned graph with its memory, ready for replay: a run allocates no memory and no Java object,
 * and checks no shape. Not thread-safe, but twins may run at the same time.
 */
public final class Program implements Workers.Network<Program> {
  private final Plan plan;
  private final Device device;
  private final Parameters parameters;
  private final Region weights;
  private final Memory activations;
  private final Memory constants;
  private final boolean twin;
  private final Runnable[] packs;
  private final Map<Stage, List<Launch>> launches = new EnumMap<>(Stage.class);
  private final Map<Stage, Replay> replays = new EnumMap<>(Stage.class);

  /**
   * A kernel in replay order, for profiles.
   *
   * @param bytes that it reads and writes at least
   * @param implementation the chosen one, and why better ones were rejected
   */
  public record Launch(Graph.Node node, long bytes, String implementation, Runnable kernel) {}

  /**
   * @param parameters hold every parameter of the graph by name, and gradients if the graph has
   *     any; null for a graph without parameters
   */
  public Program(Graph graph, Device device, Parameters parameters) {
    this(new Plan(graph, device), device, parameters);
  }

  public Program(Plan plan, Device device, Parameters parameters) {
    this(plan, device, parameters, Region.VALUES);
  }

  /**
   * @param weights the region from which the graph's parameters are read: VALUES, or AVERAGE for
   *     the averaged weights
   */
  public Program(Plan plan, Device device, Parameters parameters, Region weights) {
    this(plan, device, parameters, weights, null);
    clearModelInputs();
    load();
  }

  /**
   * @param first whose constants are shared, or null
   */
  private Program(Plan plan, Device device, Parameters parameters, Region weights, Program first) {
    this.plan = plan;
    this.device = device;
    this.parameters = parameters;
    this.weights = weights;
    this.twin = first != null;
    if (plan.weights() == Weights.NARROWED) {
      parameters.keepNarrow();
    }
    this.activations = device.allocate(Math.max(1, plan.activationBytes()));
    long shared = plan.constantBytes();
    this.constants = twin ? first.constants : shared == 0 ? null : device.allocate(shared);
    List<Runnable> packed = new ArrayList<>();
    for (Stage stage : Stage.values()) {
      List<Launch> of = new ArrayList<>();
      for (Plan.Step step : plan.steps()) {
        if (step.node().stage() != stage) {
          continue;
        }
        Kernel.Addresses addresses = new Bound(step);
        Runnable pack = step.kernel().pack(addresses);
        if (pack != null) {
          packed.add(pack);
        }
        of.add(
            new Launch(
                step.node(),
                step.node().operation().bytes(plan.weights()),
                step.kernel().implementation(),
                step.kernel().bind(addresses)));
      }
      launches.put(stage, List.copyOf(of));
      replays.put(stage, device.replay(of.stream().map(Launch::kernel).toArray(Runnable[]::new)));
    }
    packs = packed.toArray(new Runnable[0]);
  }

  /**
   * Inputs of the model's stage are zeros until they are written, since that stage runs at once.
   */
  private void clearModelInputs() {
    for (Tensor t : graph().inputs().values()) {
      if (t.stage() == Stage.MODEL) {
        byte[] zeros = new byte[Math.toIntExact(t.bytes())];
        memory(t, Region.VALUES).write(offset(t), zeros, 0, zeros.length);
      }
    }
  }

  /**
   * Another program with the same parameters and constants and with activations of its own, for
   * another thread of the CPU that has as many threads as this one was planned for. Inputs are not
   * copied. Must be closed before this one.
   */
  @Override
  public Program twin() {
    return new Program(plan, device, parameters, weights, this);
  }

  @Override
  public long activationBytes() {
    return plan.activationBytes();
  }

  /**
   * Must be called after the parameters have changed: replays the operations that depend on
   * parameters alone and packs weights, including those just computed. Twins then have them too,
   * and must not run meanwhile.
   */
  public void load() {
    requireFirst();
    run(Stage.MODEL);
    for (Runnable pack : packs) {
      pack.run();
    }
  }

  private void requireFirst() {
    if (twin) {
      throw new IllegalStateException("a twin's constants are loaded by the first program");
    }
  }

  /** Replays one stage; an active {@link Trace} records each operation. */
  public void run(Stage stage) {
    if (stage == Stage.MODEL) {
      requireFirst();
    }
    Trace trace = Trace.active();
    if (trace != null) {
      trace.replay(this, stage);
    } else if (Trace.EVENTS) {
      OperationEvent.replay(this, stage);
    } else {
      replays.get(stage).run();
    }
  }

  /** Replays everything; a twin, all but the constants. */
  public void run() {
    if (!twin) {
      run(Stage.MODEL);
    }
    run(Stage.IDENTITY);
    run(Stage.STEP);
    run(Stage.EVALUATION);
  }

  public Plan plan() {
    return plan;
  }

  public Graph graph() {
    return plan.graph();
  }

  public Device device() {
    return device;
  }

  public Parameters parameters() {
    return parameters;
  }

  /** The input with this name. */
  public Tensor input(String name) {
    Tensor t = graph().inputs().get(name);
    if (t == null) {
      throw new EngineException(
          "the graph has no input " + name + ", only " + graph().inputs().keySet());
    }
    return t;
  }

  /** The kernels of a stage in replay order. */
  public List<Launch> launches(Stage stage) {
    return launches.get(stage);
  }

  /**
   * Direct access to the tensor's memory, on a device whose memory the host can address, for
   * kernels outside the graph.
   */
  public Pointer address(Tensor t) {
    return memory(t, Region.VALUES).at(offset(t));
  }

  public void write(Tensor t, float... values) {
    expect(t, values.length, DType.F32);
    try (Trace.Span ignored = copy(t)) {
      Region region = region(t);
      if (region == null) {
        memory(t, Region.VALUES).write(offset(t), values, 0, values.length);
      } else {
        parameters.write(region, parameters.slot(t.name()), values);
      }
    }
  }

  public void write(Tensor t, byte[] values) {
    expect(t, values.length, DType.U8);
    try (Trace.Span ignored = copy(t)) {
      memory(t, Region.VALUES).write(offset(t), values, 0, values.length);
    }
  }

  public void write(Tensor t, int[] values) {
    expect(t, values.length, DType.I32);
    try (Trace.Span ignored = copy(t)) {
      memory(t, Region.VALUES).write(offset(t), values, 0, values.length);
    }
  }

  /** Copies an F32 or BF16 tensor to the host. */
  public float[] read(Tensor t) {
    float[] values = new float[Math.toIntExact(t.elements())];
    read(t, values);
    return values;
  }

  public void read(Tensor t, float[] values) {
    if (t.type() == DType.BF16) {
      byte[] raw = readBytes(t);
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.intBitsToFloat((raw[2 * i] & 0xff) << 16 | raw[2 * i + 1] << 24);
      }
      return;
    }
    expect(t, values.length, DType.F32);
    device.synchronize();
    try (Trace.Span ignored = copy(t)) {
      Region region = region(t);
      if (region == null) {
        memory(t, Region.VALUES).read(offset(t), values, 0, values.length);
      } else {
        float[] stored = parameters.read(region, parameters.slot(t.name()));
        System.arraycopy(stored, 0, values, 0, values.length);
      }
    }
  }

  public byte[] readBytes(Tensor t) {
    device.synchronize();
    byte[] raw = new byte[Math.toIntExact(t.bytes())];
    try (Trace.Span ignored = copy(t)) {
      memory(t, Region.VALUES).read(offset(t), raw, 0, raw.length);
    }
    return raw;
  }

  /** As {@link #readBytes}, without waiting for the device; later runs may overwrite the tensor. */
  public Later<byte[]> readLater(Tensor t) {
    try (Trace.Span ignored = copy(t)) {
      return memory(t, Region.VALUES).readLater(offset(t), Math.toIntExact(t.bytes()));
    }
  }

  /**
   * Copies elements of a tensor of another program on this device to the beginning of a tensor.
   *
   * @param first of the other tensor's elements
   */
  public void copy(Tensor to, Program other, Tensor from, long first, long count) {
    if (to.type() != from.type() || count > to.elements() || first + count > from.elements()) {
      throw new EngineException(
          to + " does not take " + count + " elements from " + first + " on of " + from);
    }
    int bytes = to.type().bytes;
    try (Trace.Span ignored = copy(to)) {
      memory(to, Region.VALUES)
          .copy(
              offset(to),
              other.memory(from, Region.VALUES),
              other.offset(from) + first * bytes,
              count * bytes);
    }
  }

  private static Trace.Span copy(Tensor t) {
    return Trace.span(Trace.Category.COPY, t.name());
  }

  private static void expect(Tensor t, long count, DType type) {
    if (t.type() != type || t.elements() != count) {
      throw new EngineException(
          t + " takes " + t.elements() + " of " + t.type() + ", not " + count + " of " + type);
    }
  }

  /** The region that holds the tensor, null if the arena does. */
  private static Region region(Tensor t) {
    return switch (t.role()) {
      case PARAMETER, STATE -> Region.VALUES;
      case GRADIENT -> Region.GRADIENTS;
      default -> null;
    };
  }

  private Memory memory(Tensor t, Region weights) {
    return switch (t.role()) {
      case PARAMETER -> parameters.region(weights);
      case STATE -> parameters.region(Region.VALUES);
      case GRADIENT -> parameters.region(Region.GRADIENTS);
      default -> arena(plan.offset(t));
    };
  }

  /** The part of the arena that contains a byte of it. */
  private Memory arena(long offset) {
    return offset < plan.activationBytes() ? activations : constants;
  }

  /** The offset in that part. */
  private long within(long offset) {
    return offset < plan.activationBytes() ? offset : offset - plan.activationBytes();
  }

  private long offset(Tensor t) {
    return switch (t.role()) {
      case PARAMETER, STATE, GRADIENT -> parameters.slot(t.name()).offset() * Float.BYTES;
      default -> within(plan.offset(t));
    };
  }

  @Override
  public void close() {
    replays.values().forEach(Replay::close);
    activations.close();
    if (!twin && constants != null) {
      constants.close();
    }
  }

  private final class Bound implements Kernel.Addresses {
    private final Plan.Step step;

    Bound(Plan.Step step) {
      this.step = step;
    }

    @Override
    public Pointer of(Tensor t) {
      return t == null ? null : memory(t, weights).at(offset(t));
    }

    @Override
    public FloatPointer f32(Tensor t) {
      if (t == null) {
        return null;
      }
      if (t.type() != DType.F32) {
        throw new EngineException(step.node().operation().name() + " takes f32, not " + t);
      }
      return new FloatPointer(of(t));
    }

    @Override
    public Pointer scratch() {
      return block(step.scratch());
    }

    @Override
    public Pointer packed() {
      return block(step.packed());
    }

    private Pointer block(Planner.Block block) {
      return block == null ? null : arena(block.offset).at(within(block.offset));
    }

    @Override
    public FloatPointer region(Region region) {
      return new FloatPointer(parameters.region(region).at(0));
    }

    @Override
    public Parameters.Span span(List<Parameter> of) {
      return parameters.span(of);
    }

    @Override
    public FloatPointer region(Region region, Parameters.Span span) {
      return new FloatPointer(parameters.region(region).at(span.offset() * Float.BYTES));
    }

    @Override
    public Pointer narrow(Tensor weight) {
      return parameters.narrow().at(parameters.slot(weight.name()).offset());
    }

    @Override
    public Pointer narrow(Parameters.Span span) {
      NarrowWeights narrow = parameters.narrow();
      return narrow == null ? null : narrow.at(span.offset());
    }

    @Override
    public long trainedElements() {
      return parameters.trainedElements();
    }
  }
}
