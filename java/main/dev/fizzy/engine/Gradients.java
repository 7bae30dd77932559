package dev.fizzy.engine;

import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Fill;
import java.util.ArrayList;
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
  private final Tensor loss;
  private final Set<Tensor> trainable = new HashSet<>();
  private final Map<Tensor, Integer> uses = new HashMap<>();
  private final Map<Tensor, Tensor> gradients = new HashMap<>();
  private final Map<Tensor, List<Tensor>> shared = new HashMap<>();

  Gradients(Graph graph, Tensor loss) {
    if (loss.elements() != 1) {
      throw new EngineException("a loss has one element, " + loss + " has " + loss.elements());
    }
    this.graph = graph;
    this.loss = loss;
  }

  /**
   * @param inputs graph inputs whose gradients are wanted, as if they were parameters
   */
  void record(List<Tensor> inputs) {
    trainable.addAll(inputs);
    List<Graph.Node> forward = List.copyOf(graph.nodes());
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
      }
    }
    Tensor one = graph.local("d." + loss.name(), DType.F32, List.of(loss), 1);
    graph.record(new Fill(one, 1));
    gradients.put(loss, one);
    for (int i = forward.size() - 1; i >= 0; i--) {
      Operation operation = forward.get(i).operation();
      boolean reached = operation.outputs().stream().anyMatch(gradients::containsKey);
      if (reached && operation.inputs().stream().anyMatch(this::wants)) {
        try (Graph.Scope ignored = graph.scope(forward.get(i).scope())) {
          operation.gradient(this);
        }
      }
    }
    // If the loss does not depend on some use of a parameter, sum the contributions of the others.
    shared.forEach(
        (parameter, parts) -> {
          if (parts.size() < uses.get(parameter)) {
            if (parts.size() == 1) {
              Tensor zero = graph.local("zero", DType.F32, List.of(loss), parameter.shape());
              graph.record(new Fill(zero, 0));
              parts.add(zero);
            }
            sum(parts, graph.gradientTensor(parameter));
          }
        });
  }

  /** Whether a gradient of this tensor is needed. */
  public boolean wants(Tensor t) {
    return t != null && (t.role() == Role.PARAMETER || trainable.contains(t));
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
    if (input.role() == Role.PARAMETER) {
      if (uses.getOrDefault(input, 0) == 1) {
        return graph.gradientTensor(input);
      }
      Tensor part = graph.local("d." + input.name(), DType.F32, List.of(loss), input.shape());
      shared.computeIfAbsent(input, k -> new ArrayList<>()).add(part);
      return part;
    }
    return graph.local("d." + input.name(), input.type(), List.of(loss), input.shape());
  }

  /**
   * Reports that {@code written}, which came from {@link #target}, holds a contribution to the
   * gradient of {@code input}. Does nothing if that is not wanted.
   */
  public void wrote(Tensor input, Tensor written) {
    if (!wants(input)) {
      return;
    }
    if (input.role() == Role.PARAMETER) {
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
