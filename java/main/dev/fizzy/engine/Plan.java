package dev.fizzy.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The resources that a graph needs on a device, computed without allocating anything: kernels in
 * replay order, an offset in one arena for every tensor, FLOPs and bytes. The upper end of the
 * arena holds the constants: packed weights and other values that depend on parameters alone.
 */
public final class Plan {
  /**
   * One operation in replay order. {@code scratch} and {@code packed} are null if the kernel needs
   * none.
   */
  record Step(Graph.Node node, Kernel kernel, Planner.Block scratch, Planner.Block packed) {}

  /** Totals of one kind of operation. */
  public record Group(String operation, int count, long flops, long bytes) {}

  /** What a block of the arena holds. */
  public enum Content {
    INPUT,
    ACTIVATION,
    GRADIENT,
    WORKSPACE,
    PACKED_WEIGHTS
  }

  /**
   * A block of the arena.
   *
   * @param name of the tensor that needs it first, or of the operation
   * @param layer that writes it
   * @param first index of the first operation of {@link #nodes} that needs it
   * @param last index of the last one; the number of operations if it is kept
   */
  public record Use(
      String name, String layer, Content content, long bytes, long offset, int first, int last) {}

  private final Graph graph;
  private final Weights weights;
  private final List<Graph.Node> nodes;
  private final List<Use> uses = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final Map<Tensor, Planner.Block> places = new HashMap<>();
  private final long activationBytes;
  private final long constantBytes;

  public Plan(Graph graph, Device device) {
    this.graph = graph;
    this.weights = weights(graph, device);
    boolean fuses = weights == Weights.PACKED && device.fusesUpsampling();
    nodes = new ArrayList<>(fuses ? Fusion.of(graph) : graph.nodes());
    // The sort is stable, so the recorded order is kept within a stage.
    nodes.sort(Comparator.comparing(Graph.Node::stage));
    Map<Tensor, Integer> written = new HashMap<>();
    Map<Tensor, Integer> lastUse = new HashMap<>();
    int end = nodes.size();
    for (int i = 0; i < nodes.size(); i++) {
      Graph.Node node = nodes.get(i);
      for (Tensor input : node.operation().inputs()) {
        // A value of an earlier stage must be kept during every replay of this one.
        boolean crosses = input.role() == Role.LOCAL && input.stage() != node.stage();
        lastUse.merge(input, crosses ? end : i, Math::max);
      }
      for (Tensor output : node.operation().outputs()) {
        written.putIfAbsent(output, i);
        lastUse.merge(output, i, Math::max);
      }
    }
    graph.outputs().forEach(t -> lastUse.put(t, end));
    Planner planner = new Planner();
    Planner constants = new Planner();
    graph.inputs().values().forEach(t -> places.put(t, planner.add(t.bytes(), 0, end)));
    Map<Graph.Node, Kernel> kernels = kernels(device, nodes, weights);
    Map<Tensor, Tensor> owner = owners(kernels, lastUse);
    Map<Tensor, Integer> lastOfOwner = new HashMap<>();
    for (Tensor t : graph.tensors()) {
      if (t.role() == Role.LOCAL && written.containsKey(t)) {
        lastOfOwner.merge(root(owner, t), lastUse.get(t), Math::max);
      }
    }
    for (Tensor t : graph.tensors()) {
      if (t.role() == Role.LOCAL && lastOfOwner.containsKey(t)) {
        int last = lastOfOwner.get(t);
        boolean constant = t.stage() == Stage.MODEL && last == end;
        places.put(t, (constant ? constants : planner).add(t.bytes(), written.get(t), last));
      }
    }
    for (Tensor t : owner.keySet()) {
      places.put(t, places.get(root(owner, t)));
    }
    for (int i = 0; i < nodes.size(); i++) {
      Kernel kernel = kernels.get(nodes.get(i));
      if (kernel != null) {
        steps.add(
            new Step(
                nodes.get(i),
                kernel,
                kernel.scratchBytes() == 0 ? null : planner.add(kernel.scratchBytes(), i, i),
                kernel.packedBytes() == 0 ? null : constants.add(kernel.packedBytes(), 0, end)));
      }
    }
    this.activationBytes = planner.place(0);
    this.constantBytes = constants.place(activationBytes) - activationBytes;
    recordUses(written);
  }

  private static Weights weights(Graph graph, Device device) {
    if (graph.tensors().stream().noneMatch(t -> t.role() == Role.GRADIENT)) {
      return Weights.PACKED;
    }
    boolean narrowed =
        device.readsNarrow()
            && graph.compute() == DType.BF16
            && graph.nodes().stream().anyMatch(n -> n.operation().optimizes());
    return narrowed ? Weights.NARROWED : Weights.CHANGING;
  }

  /** The kernels of all operations but views, in replay order. */
  private static Map<Graph.Node, Kernel> kernels(
      Device device, List<Graph.Node> nodes, Weights weights) {
    Map<Graph.Node, Kernel> kernels = new IdentityHashMap<>();
    for (Graph.Node node : nodes) {
      if (node.operation().view()) {
        continue;
      }
      try {
        // What depends on the model alone is computed once, so packing its weights does not pay.
        boolean once = node.stage() == Stage.MODEL && weights == Weights.PACKED;
        Weights its = once ? Weights.CHANGING : weights;
        kernels.put(node, device.prepare(node.operation(), its));
      } catch (RuntimeException e) {
        throw new EngineException(
            node.scope() + " " + node.operation().name() + ": " + e.getMessage(), e);
      }
    }
    return kernels;
  }

  private void recordUses(Map<Tensor, Integer> written) {
    Set<Planner.Block> seen = new HashSet<>();
    for (Tensor t : graph.tensors()) { // in the order of recording: the first tensor of a block
      Planner.Block block = places.get(t);
      if (block != null && seen.add(block)) {
        boolean input = t.role() == Role.INPUT;
        boolean gradient = t.name().startsWith("d.");
        uses.add(
            use(
                t.name(),
                input ? "" : nodes.get(written.get(t)).scope(),
                input ? Content.INPUT : gradient ? Content.GRADIENT : Content.ACTIVATION,
                block));
      }
    }
    for (Step step : steps) {
      String name = step.node().operation().name();
      if (step.scratch() != null) {
        uses.add(use(name, step.node().scope(), Content.WORKSPACE, step.scratch()));
      }
      if (step.packed() != null) {
        uses.add(use(name, step.node().scope(), Content.PACKED_WEIGHTS, step.packed()));
      }
    }
  }

  private static Use use(String name, String layer, Content content, Planner.Block block) {
    return new Use(name, layer, content, block.bytes, block.offset, block.first, block.last);
  }

  /**
   * Determines which tensors share the memory of another: views, and outputs that reuse an input
   * whose last reader is their operation.
   */
  private Map<Tensor, Tensor> owners(
      Map<Graph.Node, Kernel> kernels, Map<Tensor, Integer> lastUse) {
    Map<Tensor, Tensor> owner = new HashMap<>();
    Map<Tensor, Integer> last = new HashMap<>(lastUse);
    for (Graph.Node node : nodes) {
      if (node.operation().view()) {
        owner.put(node.operation().outputs().get(0), node.operation().inputs().get(0));
      }
    }
    for (Tensor view : List.copyOf(owner.keySet())) {
      last.merge(root(owner, view), last.get(view), Math::max);
    }
    for (int i = 0; i < nodes.size(); i++) {
      Operation operation = nodes.get(i).operation();
      Kernel kernel = kernels.get(nodes.get(i));
      if (operation.inPlace() < 0 || kernel == null || !kernel.inPlace()) {
        continue;
      }
      Tensor from = operation.inputs().get(operation.inPlace());
      Tensor to = operation.outputs().get(0);
      Tensor root = root(owner, from);
      boolean dies = root.role() == Role.LOCAL && last.get(root) == i;
      boolean once = operation.inputs().stream().filter(t -> root(owner, t) == root).count() == 1;
      if (dies && once && to.role() == Role.LOCAL && root.bytes() == to.bytes()) {
        owner.put(to, root);
        last.merge(root, last.get(to), Math::max);
      }
    }
    return owner;
  }

  private static Tensor root(Map<Tensor, Tensor> owner, Tensor t) {
    Tensor at = t;
    while (owner.containsKey(at)) {
      at = owner.get(at);
    }
    return at;
  }

  public Graph graph() {
    return graph;
  }

  public Weights weights() {
    return weights;
  }

  /** All operations in replay order, fused, with those that only rename a tensor. */
  public List<Graph.Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** The blocks of the arena. */
  public List<Use> uses() {
    return Collections.unmodifiableList(uses);
  }

  List<Step> steps() {
    return steps;
  }

  /** Byte offset of a tensor in the arena. */
  long offset(Tensor t) {
    Planner.Block block = places.get(t);
    if (block == null) {
      throw new EngineException(t + " is not in the arena, since no operation writes it");
    }
    return block.offset;
  }

  /** Bytes of the arena: inputs, activations, scratch and constants. */
  public long arenaBytes() {
    return activationBytes + constantBytes;
  }

  /** Bytes of its lower part, of which every program of this plan has its own. */
  public long activationBytes() {
    return activationBytes;
  }

  /** Bytes of its upper part, which {@link Program#twin twins} share. */
  public long constantBytes() {
    return constantBytes;
  }

  /** Bytes of the parameters that the graph reads. */
  public long parameterBytes() {
    return graph.parameters().stream().mapToLong(Parameter::elements).sum() * Float.BYTES;
  }

  /** The number of trainable scalars. */
  public long parameterCount() {
    return graph.trainedElements();
  }

  public long flops() {
    return nodes.stream().mapToLong(n -> n.operation().flops()).sum();
  }

  /**
   * For each operation, in the order of first use: its implementations, with the reasons why better
   * ones were rejected, and how often each occurs.
   */
  public Map<String, Map<String, Integer>> implementations() {
    Map<String, Map<String, Integer>> all = new LinkedHashMap<>();
    for (Step step : steps) {
      all.computeIfAbsent(step.node().operation().name(), k -> new LinkedHashMap<>())
          .merge(step.kernel().implementation(), 1, Integer::sum);
    }
    return all;
  }

  /** FLOPs and bytes by operation, in the order of first use. */
  public Collection<Group> groups() {
    Map<String, Group> groups = new LinkedHashMap<>();
    for (Graph.Node node : nodes) {
      Operation o = node.operation();
      groups.merge(
          o.name(),
          new Group(o.name(), 1, o.flops(), o.bytes(weights)),
          (a, b) ->
              new Group(
                  a.operation(), a.count() + 1, a.flops() + b.flops(), a.bytes() + b.bytes()));
    }
    return groups.values();
  }
}
