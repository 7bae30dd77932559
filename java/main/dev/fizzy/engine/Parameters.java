package dev.fizzy.engine;

import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The flat regions that hold a network's parameters and the optimizer's values for each of them.
 * Trained parameters come first, states, which no optimizer changes, after them. Several programs
 * (training, sampling at another batch size) share one instance, by parameter name.
 */
public final class Parameters implements AutoCloseable {
  private static final int ALIGN = 16; // floats: one cache line

  /** Bytes of which the address of every rounded weight is a multiple. */
  public static final int NARROW_ALIGNMENT = ALIGN * Short.BYTES;

  /** Floats that are written at once: Java's heap holds no copy of a large parameter. */
  private static final int PART = 1 << 16;

  /** A parameter and the index of its first float in every region. */
  public record Slot(Parameter parameter, long offset) {}

  /**
   * Neighbors in every region.
   *
   * @param offset index of the first float
   * @param elements number of floats, including padding
   */
  public record Span(long offset, long elements) {}

  private final Device device;
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final Map<Region, Memory> regions = new EnumMap<>(Region.class);
  private final long trained;
  private final long elements;
  private NarrowWeights narrow;

  public Parameters(Device device, List<Parameter> parameters, Region... regions) {
    this.device = device;
    trained = parameters.stream().filter(Parameter::trained).mapToLong(Parameters::room).sum();
    long offset = 0;
    long state = trained;
    for (Parameter p : parameters) {
      slots.put(p.name(), new Slot(p, p.trained() ? offset : state));
      if (p.trained()) {
        offset += room(p);
      } else {
        state += room(p);
      }
    }
    this.elements = state;
    for (Region region : regions) {
      Memory memory = device.allocate(Math.max(1, elements) * Float.BYTES);
      this.regions.put(region, memory);
      zero(memory);
    }
    if (has(Region.VALUES)) {
      slots.values().stream()
          .filter(slot -> slot.parameter().constant() != null)
          .forEach(slot -> write(Region.VALUES, slot, slot.parameter().constant()));
    }
  }

  /** Bytes of one region for these parameters, including padding. */
  public static long bytes(List<Parameter> parameters) {
    return parameters.stream().mapToLong(Parameters::room).sum() * Float.BYTES;
  }

  private static long room(Parameter p) {
    return (p.elements() + ALIGN - 1) / ALIGN * ALIGN;
  }

  private void zero(Memory memory) {
    float[] zeros = new float[(int) Math.min(elements, PART)];
    for (long at = 0; at < elements; at += zeros.length) {
      memory.write(at * Float.BYTES, zeros, 0, (int) Math.min(zeros.length, elements - at));
    }
  }

  /**
   * Fills VALUES with each parameter's initial values, from a seed: the same seed gives the same
   * bits on every device. Constants stay.
   */
  public void initialize(long seed) {
    int index = 0;
    float[] part = new float[PART];
    for (Slot slot : slots.values()) {
      Philox random = new Philox(seed, Philox.Purpose.INITIALIZE, index++);
      Parameter.Init init = slot.parameter().init();
      long elements = slot.parameter().constant() == null ? slot.parameter().elements() : 0;
      if (elements > 0 && isTurned(slot)) {
        float[] whole = new float[Math.toIntExact(elements)];
        fill(whole, whole.length, init, random);
        write(Region.VALUES, slot, whole);
        continue;
      }
      for (long at = 0; at < elements; at += PART) {
        int count = (int) Math.min(PART, elements - at);
        fill(part, count, init, random);
        put(Region.VALUES, slot.offset() + at, part, count);
      }
    }
  }

  /**
   * Initializes some of these parameters as if they were alone, so that their values do not depend
   * on what else there is.
   *
   * @param initialize fills the VALUES of the ones it is given
   */
  public void initialize(List<Parameter> some, Consumer<Parameters> initialize) {
    try (Parameters alone = new Parameters(device, some, Region.VALUES)) {
      initialize.accept(alone);
      copy(Region.VALUES, alone, Region.VALUES);
    }
  }

  private static void fill(float[] values, int count, Parameter.Init init, Philox random) {
    for (int i = 0; i < count; i++) {
      values[i] = initial(init, random);
    }
  }

  private static float initial(Parameter.Init init, Philox random) {
    return switch (init.kind()) {
      case CONSTANT -> init.bound();
      case UNIFORM -> (2 * random.nextFloat() - 1) * init.bound();
      case NORMAL -> (float) random.nextGaussian() * init.bound();
    };
  }

  /** Whether the device keeps this parameter's channels last. */
  private boolean isTurned(Slot slot) {
    return device.channelsLast() && FilterLayout.differs(slot.parameter());
  }

  /** Writes values as they lie in the region, and the rounded ones. */
  private void put(Region region, long offset, float[] values, int count) {
    region(region).write(offset * Float.BYTES, values, 0, count);
    if (region == Region.VALUES && narrow != null) {
      narrow.put(offset, values, count);
    }
  }

  /**
   * From now on keeps the values rounded to bf16 beside them. Every write here keeps both equal; a
   * kernel that changes the values of weights must do so too.
   */
  public void keepNarrow() {
    if (narrow != null) {
      return;
    }
    narrow = new NarrowWeights(device, elements);
    float[] part = new float[PART];
    for (long at = 0; at < elements; at += PART) {
      int count = (int) Math.min(PART, elements - at);
      region(Region.VALUES).read(at * Float.BYTES, part, 0, count);
      narrow.put(at, part, count);
    }
  }

  /** Bytes of the rounded values of these parameters, see {@link #keepNarrow}. */
  public static long narrowBytes(List<Parameter> parameters) {
    return NarrowWeights.bytes(parameters.stream().mapToLong(Parameters::room).sum());
  }

  /** The rounded values, null if none are kept. */
  NarrowWeights narrow() {
    return narrow;
  }

  public Device device() {
    return device;
  }

  public Collection<Slot> slots() {
    return slots.values();
  }

  public Slot slot(String name) {
    Slot slot = slots.get(name);
    if (slot == null) {
      throw new EngineException("the model has no parameter " + name);
    }
    return slot;
  }

  /** Where these parameters, and no others, lie side by side. */
  public Span span(List<Parameter> parameters) {
    List<Slot> found = parameters.stream().map(p -> slot(p.name())).toList();
    long begin = found.stream().mapToLong(Slot::offset).min().orElse(0);
    long end = found.stream().mapToLong(s -> s.offset() + room(s.parameter())).max().orElse(0);
    long own = found.stream().map(Slot::parameter).mapToLong(Parameters::room).sum();
    if (own != end - begin) {
      throw new EngineException(
          "other parameters lie between "
              + parameters.get(0).name()
              + " and the last one of the same optimizer");
    }
    return new Span(begin, own);
  }

  public Memory region(Region region) {
    Memory memory = regions.get(region);
    if (memory == null) {
      throw new EngineException("these parameters have no region " + region);
    }
    return memory;
  }

  public boolean has(Region region) {
    return regions.containsKey(region);
  }

  /** The number of floats in each region, including padding. */
  public long elements() {
    return elements;
  }

  /**
   * The number of floats at the beginning of each region that an optimizer may change, including
   * padding.
   */
  public long trainedElements() {
    return trained;
  }

  /** The number of trainable scalars, without padding. */
  public long count() {
    return slots.values().stream()
        .map(Slot::parameter)
        .filter(Parameter::trained)
        .mapToLong(Parameter::elements)
        .sum();
  }

  /**
   * A parameter in one region, in its published layout. A state has no average; its value is used
   * instead.
   */
  public float[] read(Region region, Slot slot) {
    float[] values = new float[Math.toIntExact(slot.parameter().elements())];
    boolean state = region == Region.AVERAGE && !slot.parameter().trained();
    region(state ? Region.VALUES : region)
        .read(slot.offset() * Float.BYTES, values, 0, values.length);
    return isTurned(slot) ? FilterLayout.published(slot.parameter(), values) : values;
  }

  public void write(Region region, Slot slot, float[] values) {
    if (values.length != slot.parameter().elements()) {
      throw new EngineException(
          "parameter "
              + slot.parameter().name()
              + " has "
              + slot.parameter().elements()
              + " elements, not "
              + values.length);
    }
    float[] laid = isTurned(slot) ? FilterLayout.channelsLast(slot.parameter(), values) : values;
    put(region, slot.offset(), laid, laid.length);
  }

  /** Writes the values, by name, of those parameters that these have. */
  public void write(Region region, Map<String, float[]> values) {
    for (Slot slot : slots.values()) {
      float[] own = values.get(slot.parameter().name());
      if (own != null) {
        write(region, slot, own);
      }
    }
  }

  /** Copies every parameter that both have, by name. */
  public void copy(Region to, Parameters from, Region region) {
    for (Slot slot : slots.values()) {
      Slot other = from.slots.get(slot.parameter().name());
      if (other != null) {
        write(to, slot, from.read(region, other));
      }
    }
  }

  /** Copies all parameters of a network that is part of this one, see {@link Parameter#within}. */
  public void copyWithin(String path, Region to, Parameters from, Region region) {
    for (Slot slot : from.slots.values()) {
      write(to, slot(slot.parameter().within(path).name()), from.read(region, slot));
    }
  }

  @Override
  public void close() {
    regions.values().forEach(Memory::close);
    if (narrow != null) {
      narrow.close();
    }
  }
}
