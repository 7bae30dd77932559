package dev.fizzy.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A network recorded once: tensors with fixed shapes and the operations between them, in order. It
 * neither computes nor allocates memory; {@link Planner} and {@link Program} do that.
 */
public final class Graph {
  /** An operation, the path of the layer that recorded it, and its stage. */
  public record Node(Operation operation, String scope, Stage stage) {}

  private final DType compute;
  private final boolean integers;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
  private final Map<String, Tensor> quantizable = new LinkedHashMap<>();
  private final List<Tensor> outputs = new ArrayList<>();
  private final Deque<String> scopes = new ArrayDeque<>();

  /**
   * @param type in which it computes: F32, BF16 or INT8. Parameters, statistics and losses are F32
   *     in all cases.
   */
  public Graph(DType type) {
    this.compute = type.activations();
    this.integers = type == DType.INT8;
  }

  /** The type of the activations: F32 or BF16. */
  public DType compute() {
    return compute;
  }

  /**
   * Notes that a layer's input can be rounded to integers.
   *
   * @param reach name of the parameter that says how far it reaches
   * @return whether this graph computes in integers
   */
  public boolean quantizes(String reach, Tensor x) {
    quantizable.put(reach, x);
    return integers;
  }

  /** The inputs that can be rounded to integers, by the parameters that say how far they reach. */
  public Map<String, Tensor> quantizable() {
    return Collections.unmodifiableMap(quantizable);
  }

  public Tensor input(String name, DType type, Stage stage, int... shape) {
    Tensor t = tensor(name, type, Role.INPUT, stage, shape);
    if (inputs.putIfAbsent(name, t) != null) {
      throw new EngineException("two inputs are called " + name);
    }
    return t;
  }

  /** An f32 tensor of the model. The same name gives the same tensor again. */
  public Tensor parameter(Parameter parameter) {
    Role role = parameter.trained() ? Role.PARAMETER : Role.STATE;
    Parameter known = parameters.get(parameter.name());
    if (known != null) {
      return tensors.stream()
          .filter(t -> t.role() == role && t.name().equals(parameter.name()))
          .findFirst()
          .orElseThrow();
    }
    parameters.put(parameter.name(), parameter);
    return tensor(parameter.name(), DType.F32, role, Stage.MODEL, parameter.shape());
  }

  /**
   * A tensor that the next recorded operation will write; its stage is the latest of the given
   * inputs.
   */
  public Tensor local(String name, DType type, List<Tensor> from, int... shape) {
    return tensor(name, type, Role.LOCAL, stageOf(from), shape);
  }

  private Tensor tensor(String name, DType type, Role role, Stage stage, int... shape) {
    Tensor t = new Tensor(this, tensors.size(), name, type, role, stage, shape);
    tensors.add(t);
    return t;
  }

  public <O extends Operation> O record(O operation) {
    return record(nodes.size(), operation);
  }

  /** As {@link #record}, at once after the last operation that writes one of these tensors. */
  public <O extends Operation> O recordAfter(Collection<Tensor> written, O operation) {
    int at = nodes.size();
    while (at > 0 && Collections.disjoint(nodes.get(at - 1).operation().outputs(), written)) {
      at--;
    }
    return record(at, operation);
  }

  private <O extends Operation> O record(int at, O operation) {
    for (Tensor input : operation.inputs()) {
      if (input.graph() != this) {
        throw new EngineException(operation.name() + ": " + input + " belongs to another graph");
      }
    }
    nodes.add(at, new Node(operation, scope(), stageOf(operation.outputs())));
    return operation;
  }

  /** The latest stage of the tensors; operations without inputs run at every evaluation. */
  private static Stage stageOf(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::stage).max(Stage::compareTo).orElse(Stage.EVALUATION);
  }

  /**
   * Names the layer whose operations are recorded until {@link Scope#close}; plan and profile show
   * it.
   */
  public Scope scope(String name) {
    scopes.addLast(name);
    return scopes::removeLast;
  }

  /** Ends a scope. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  private String scope() {
    return String.join(".", scopes);
  }

  /** Keeps a tensor readable after a run. */
  public Tensor output(Tensor t) {
    outputs.add(t);
    return t;
  }

  /**
   * Records the gradients of a scalar with respect to every parameter it depends on; {@link
   * #gradientOf} returns them.
   *
   * @param loss a tensor of one element
   * @param inputs inputs whose gradients are also recorded, as outputs
   */
  public void backward(Tensor loss, Tensor... inputs) {
    try (Scope ignored = scope("backward")) {
      Gradients recorded = Gradients.ofParameters(this, Set.of(inputs), Set.of());
      recorded.record(Map.of(loss, Gradients.one(loss)));
      for (Tensor input : inputs) {
        Tensor gradient = recorded.of(input);
        if (gradient != null) {
          gradients.put(input, output(gradient));
        }
      }
    }
  }

  /**
   * As {@link #backward}, but no gradient passes through {@code constants}: of a discriminator's
   * loss only the discriminator learns, not what made the image.
   */
  public void backwardUpTo(Set<Tensor> constants, Tensor loss) {
    try (Scope ignored = scope("backward")) {
      Gradients.ofParameters(this, Set.of(), constants).record(Map.of(loss, Gradients.one(loss)));
    }
  }

  /**
   * As {@link #backward} of the sum of some losses, beside which the gradients of other tensors are
   * known.
   *
   * @param known the gradients of tensors, each of its tensor's shape and type
   */
  public void backwardFrom(Map<Tensor, Tensor> known, List<Tensor> losses) {
    try (Scope ignored = scope("backward")) {
      Map<Tensor, Tensor> all = new LinkedHashMap<>(known);
      losses.forEach(loss -> all.put(loss, Gradients.one(loss)));
      Gradients.ofParameters(this, Set.of(), Set.of()).record(all);
    }
  }

  /**
   * Records the gradients of a scalar with respect to the given tensors alone, in their order; null
   * where it does not depend on one. The parameters' own gradients stay as they are.
   */
  public List<Tensor> gradients(Tensor loss, Tensor... of) {
    try (Scope ignored = scope("backward")) {
      Gradients recorded = Gradients.of(this, Set.of(of));
      recorded.record(Map.of(loss, Gradients.one(loss)));
      return Stream.of(of).map(recorded::of).toList();
    }
  }

  Tensor gradientTensor(Tensor parameter) {
    return gradients.computeIfAbsent(
        parameter, p -> tensor(p.name(), DType.F32, Role.GRADIENT, Stage.EVALUATION, p.shape()));
  }

  /**
   * The gradient recorded for a parameter or a requested input, or null if the loss does not depend
   * on it.
   */
  public Tensor gradientOf(Tensor parameter) {
    return gradients.get(parameter);
  }

  public List<Tensor> tensors() {
    return Collections.unmodifiableList(tensors);
  }

  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  public List<Tensor> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  public Map<String, Tensor> inputs() {
    return Collections.unmodifiableMap(inputs);
  }

  public List<Parameter> parameters() {
    return List.copyOf(parameters.values());
  }

  /** The number of trainable scalars. */
  public long trainedElements() {
    return parameters.values().stream()
        .filter(Parameter::trained)
        .mapToLong(Parameter::elements)
        .sum();
  }
}
