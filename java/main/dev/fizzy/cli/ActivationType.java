package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A type of activations by its name on the command line: f32 or bf16. */
class ActivationType implements ITypeConverter<DType> {
  @Override
  public DType convert(String text) {
    return of(text, DType.F32, DType.BF16);
  }

  /** The same, or int8. */
  static final class OrIntegers extends ActivationType {
    @Override
    public DType convert(String text) {
      return of(text, DType.F32, DType.BF16, DType.INT8);
    }
  }

  private static DType of(String text, DType... types) {
    for (DType type : types) {
      if (type.name().equalsIgnoreCase(text)) {
        return type;
      }
    }
    List<String> names =
        Arrays.stream(types).map(type -> type.name().toLowerCase(Locale.ROOT)).toList();
    throw new TypeConversionException(
        "'" + text + "' is no type of activations: give " + String.join(" or ", names));
  }
}
