package dev.fizzy.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;

/** Reads JSON from untrusted files: size and depth are limited, duplicate keys are rejected. */
public final class Json {
  private static final int DEPTH = 64;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final JsonMapper PLAIN = mapper().build();

  private Json() {}

  /** A mapper with the limits that accepts one value per document. */
  public static JsonMapper.Builder mapper() {
    return JsonMapper.builder(FACTORY.copy())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  /** The same for files that people write: comments are allowed, missing fields are rejected. */
  public static JsonMapper.Builder configuration() {
    return mapper()
        .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);
  }

  /**
   * Reads the value of a file.
   *
   * @param limit largest size of the file in bytes
   */
  public static JsonNode read(Path file, long limit) {
    try {
      return tree(InputFile.bytes(file, limit));
    } catch (JsonProcessingException e) {
      throw new FileException(file + " is damaged JSON: " + reason(e), e);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  /** Reads one value; a missing node if there is none, never null. */
  public static JsonNode tree(byte[] bytes) throws IOException {
    return PLAIN.readTree(bytes);
  }

  /** The error in one line, with its position. */
  public static String reason(JsonProcessingException e) {
    String text = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    return e.getLocation() == null || e.getLocation().getLineNr() < 1
        ? Quoted.message(text)
        : Quoted.message(text)
            + ", line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr();
  }
}
