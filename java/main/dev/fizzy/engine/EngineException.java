package dev.fizzy.engine;

/** A request that the engine cannot fulfill; the message is a sentence with the values. */
public final class EngineException extends RuntimeException {
  public EngineException(String message) {
    super(message);
  }

  public EngineException(String message, Throwable cause) {
    super(message, cause);
  }
}
