package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import dev.fizzy.engine.EngineException;
import dev.fizzy.file.InputFile;
import dev.fizzy.file.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads and writes configurations as JSON, in which comments are allowed. */
final class ConfigJson {
  /** No configuration is a tenth as long. */
  private static final long LIMIT = 1 << 20;

  private static final ObjectMapper JSON =
      Json.configuration()
          .injectableValues(
              new InjectableValues.Std()
                  .addValue(ModelConfig.UNET, null)
                  .addValue(VqAutoencoderConfig.ENCODED, null)
                  .addValue(ModelConfig.DIT, null)
                  .addValue(ModelConfig.AUTOREGRESSIVE, null)
                  .addValue(ModelConfig.DIFFUSION, null)
                  .addValue(UNetConfig.PATCH, 1)
                  .addValue(UNetConfig.SIMILARITY, false)
                  .addValue(UNetConfig.GUIDANCE, null)
                  .addValue(ModelConfig.SAMPLING, null)
                  .addValue(DistilledSampling.GUIDANCE, null)
                  .addValue(DiffusionConfig.DROPOUT_TO, 0.)
                  .addValue(DiffusionConfig.DROPOUT_INPUT, false))
          .annotationIntrospector(new InjectedParameters())
          .build();

  /** Jackson before 2.20, which Spark brings along, would also inject into a record's fields. */
  private static final class InjectedParameters extends JacksonAnnotationIntrospector {
    @Override
    public JacksonInject.Value findInjectableValue(AnnotatedMember member) {
      return member instanceof AnnotatedParameter ? super.findInjectableValue(member) : null;
    }
  }

  private ConfigJson() {}

  /** A shipped configuration by name, or a file's. */
  static <T> T load(Class<T> type, List<String> shipped, String nameOrFile) {
    try {
      if (shipped.contains(nameOrFile)) {
        try (InputStream in =
            ModelConfig.class.getResourceAsStream("configs/" + nameOrFile + ".json")) {
          return JSON.readValue(in, type);
        }
      }
      Path file = Path.of(nameOrFile);
      if (!Files.isRegularFile(file)) {
        throw new EngineException(
            "no configuration " + nameOrFile + ": not a file, and not one of " + shipped);
      }
      return there(
          "configuration " + nameOrFile, JSON.readValue(InputFile.bytes(file, LIMIT), type));
    } catch (JsonProcessingException e) {
      throw new EngineException("configuration " + nameOrFile + ": " + reason(e), e);
    } catch (IOException e) {
      throw new EngineException(
          "configuration " + nameOrFile + " cannot be read: " + e.getMessage(), e);
    }
  }

  static <T> T parse(Class<T> type, String json) {
    try {
      return there("a model's configuration", JSON.readValue(json, type));
    } catch (JsonProcessingException e) {
      throw new EngineException("a model's configuration cannot be read: " + reason(e), e);
    }
  }

  private static <T> T there(String name, T config) {
    if (config == null) {
      throw new EngineException(name + " is null");
    }
    return config;
  }

  /** A part that refuses its numbers says why better than the parser around it. */
  private static String reason(JsonProcessingException e) {
    return e.getCause() instanceof EngineException cause ? cause.getMessage() : Json.reason(e);
  }

  static String text(Object config) {
    try {
      return JSON.writeValueAsString(config);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
