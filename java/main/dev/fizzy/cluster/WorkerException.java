package dev.fizzy.cluster;

import dev.fizzy.engine.EngineException;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A task cannot compute its shard; the message is a sentence with the host. */
final class WorkerException extends FileException {
  private static final Logger log = LoggerFactory.getLogger(WorkerException.class);

  private WorkerException(String message) {
    super(message);
  }

  /** Without a stack, so that Spark logs one line for a lost task. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }

  private static WorkerException at(String reason, Throwable cause) {
    log.debug("a task failed", cause);
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    return new WorkerException(host + ": " + reason);
  }

  /** Runs a part of a task and names the host in its failures. */
  static <T> T naming(Callable<T> part) throws Exception {
    try {
      return part.call();
    } catch (FileException | EngineException | UnsatisfiedLinkError e) {
      throw at(e.getMessage(), e);
    } catch (IOException e) {
      throw at(FileException.reason(e), e);
    }
  }

  /** The first failure of a type in a chain of causes, or null. */
  private static <E extends FileException> E among(Throwable failure, Class<E> type) {
    Throwable cause = failure;
    while (cause != null && !type.isInstance(cause)) {
      cause = cause.getCause();
    }
    return type.cast(cause);
  }

  /** The driver's sentence for a job that failed. */
  static FileException of(Throwable failure) {
    FileException known = among(failure, WorkerException.class);
    if (known == null) {
      known = among(failure, FileException.class); // of the driver, such as one of merging
    }
    if (known != null) {
      return known == failure ? known : new FileException(known.getMessage(), failure);
    }
    if (failure instanceof SparkException || failure instanceof IllegalStateException) {
      String line = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
      return new FileException("Spark ended the job: " + line, failure);
    }
    return null;
  }
}
