package dev.fizzy.engine;

import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Fill;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reverse-mode differentiation over the recorded nodes: gradients are operations of the same graph.
 */
public final class Gradients {
  private final Graph graph;
  private final boolean parameters;
  private final Set<Tensor> leaves;
  private final Set<Tensor> constants;
  private final Set<Tensor> trainable = new HashSet<>();
  private List<Tensor> losses;
  private final Map<Tensor, Integer> uses = new HashMap<>();
  private final Map<Tensor, Tensor> gradients = new HashMap<>();
  private final Map<Tensor, List<Tensor>> shared = new HashMap<>();

  private Gradients(Graph graph, boolean parameters, Set<Tensor> leaves, Set<Tensor> constants) {
    this.graph = graph;
    this.parameters = parameters;
    this.leaves = leaves;
    this.constants = constants;
  }

  /**
   * With respect to every parameter, into its gradient.
   *
   * @param inputs whose gradients are also wanted
   * @param constants through which no gradient passes
   */
  static Gradients ofParameters(Graph graph, Set<Tensor> inputs, Set<Tensor> constants) {
    return new Gradients(graph, true, inputs, constants);
  }

  /** With respect to these tensors alone. */
  static Gradients of(Graph graph, Set<Tensor> tensors) {
    return new Gradients(graph, false, tensors, Set.of());
  }

  /** Records the gradient of a loss with respect to itself. */
  static Tensor one(Tensor loss) {
    if (loss.elements() != 1) {
      throw new EngineException("a loss has one element, " + loss + " has " + loss.elements());
    }
    Tensor one = loss.graph().local("d." + loss.name(), DType.F32, List.of(loss), 1);
    return loss.graph().record(new Fill(one, 1)).y();
  }

  /**
   * @param known gradients from which the others follow
   */
  void record(Map<Tensor, Tensor> known) {
    losses = List.copyOf(known.keySet());
    List<Graph.Node> forward = before(known.keySet());
    for (Graph.Node node : forward) {
      boolean learns = false;
      for (Tensor input : node.operation().inputs()) {
        if (input.role() == Role.PARAMETER) {
          uses.merge(input, 1, Integer::sum);
        }
        learns |= wants(input);
      }
      if (learns) {
        trainable.addAll(node.operation().outputs());
        trainable.removeAll(constants);
      }
    }
    gradients.putAll(known);
    for (int i = forward.size() - 1; i >= 0; i--) {
      Operation operation = forward.get(i).operation();
      boolean reached = operation.outputs().stream().anyMatch(gradients::containsKey);
      if (reached && operation.inputs().stream().anyMatch(this::wants)) {
        try (Graph.Scope ignored = graph.scope(forward.get(i).scope())) {
          operation.gradient(this);
        }
      }
    }
    // If an operation gives some use of a parameter no gradient, sum those of the other uses.
    shared.forEach(
        (parameter, parts) -> {
          if (parts.size() < uses.get(parameter)) {
            if (parts.size() == 1) {
              Tensor zero = graph.local("zero", DType.F32, losses, parameter.shape());
              graph.record(new Fill(zero, 0));
              parts.add(zero);
            }
            sum(parts, graph.gradientTensor(parameter));
          }
        });
  }

  /** The operations on which the tensors depend, in order; those of other losses do not count. */
  private List<Graph.Node> before(Set<Tensor> tensors) {
    Set<Tensor> needed = new HashSet<>(tensors);
    Deque<Graph.Node> found = new ArrayDeque<>();
    List<Graph.Node> all = graph.nodes();
    for (int i = all.size() - 1; i >= 0; i--) {
      Operation operation = all.get(i).operation();
      if (operation.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(operation.inputs());
        needed.removeAll(constants);
        found.addFirst(all.get(i));
      }
    }
    return List.copyOf(found);
  }

  /** Whether a gradient of this tensor is needed. */
  public boolean wants(Tensor t) {
    return t != null && (leaves.contains(t) || toRegion(t) || trainable.contains(t));
  }

  /** Whether the gradient is written to the parameter's place in the region of gradients. */
  private boolean toRegion(Tensor t) {
    return parameters && t.role() == Role.PARAMETER;
  }

  /** The gradient of an operation's output, or null if the loss does not depend on it. */
  public Tensor of(Tensor output) {
    return gradients.get(output);
  }

  /**
   * Records the operation that writes the gradient of {@code input}, if it is {@link #wants
   * wanted}.
   *
   * @param operation records an operation that writes every element of the given tensor
   */
  public void write(Tensor input, Consumer<Tensor> operation) {
    Tensor target = target(input);
    if (target != null) {
      operation.accept(target);
      wrote(input, target);
    }
  }

  /**
   * The tensor to which an operation must write its gradient of {@code input}, every element; null
   * if that is not {@link #wants wanted}. Call it once for each use of an input, record the
   * operation that writes the tensor, then call {@link #wrote}. The contributions of several uses
   * are summed.
   */
  public Tensor target(Tensor input) {
    return wants(input) ? place(input) : null;
  }

  /**
   * As {@link #target}, but never null for an input: for kernels that write the gradient even if it
   * is not wanted.
   */
  public Tensor targetOrUnused(Tensor input) {
    return input == null ? null : place(input);
  }

  private Tensor place(Tensor input) {
    if (toRegion(input)) {
      if (uses.getOrDefault(input, 0) == 1) {
        return graph.gradientTensor(input);
      }
      Tensor part = graph.local("d." + input.name(), DType.F32, losses, input.shape());
      shared.computeIfAbsent(input, k -> new ArrayList<>()).add(part);
      return part;
    }
    return graph.local("d." + input.name(), input.type(), losses, input.shape());
  }

  /**
   * Reports that {@code written}, which came from {@link #target}, holds a contribution to the
   * gradient of {@code input}. Does nothing if that is not wanted.
   */
  public void wrote(Tensor input, Tensor written) {
    if (!wants(input)) {
      return;
    }
    if (toRegion(input)) {
      List<Tensor> parts = shared.get(input);
      if (written.role() != Role.GRADIENT && (parts == null || !parts.contains(written))) {
        throw new EngineException(
            "the gradient of parameter " + input + " was written to " + written);
      }
      if (parts != null && parts.size() == uses.get(input)) {
        sum(parts, graph.gradientTensor(input));
      }
      return;
    }
    Tensor before = gradients.get(input);
    if (before == null) {
      gradients.put(input, written);
    } else {
      gradients.put(input, Add.of(before, written));
    }
  }

  private static void sum(List<Tensor> parts, Tensor total) {
    Tensor partial = parts.get(0);
    for (int i = 1; i < parts.size() - 1; i++) {
      partial = Add.of(partial, parts.get(i));
    }
    Add.into(partial, parts.get(parts.size() - 1), total);
  }
}
