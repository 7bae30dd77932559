package dev.fizzy.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.fizzy.file.FileException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class WorkerExceptionTest {
  /** Spark wraps what merging throws. */
  @Test
  void theDriversOwnSentenceIsKept() {
    FileException own = new FileException("cannot merge a part");
    SparkException wrapped = new SparkException("a job failed", own);
    assertEquals("cannot merge a part", WorkerException.of(wrapped).getMessage());
    assertSame(own, WorkerException.of(own));
    assertEquals(
        "Spark ended the job: a job failed",
        WorkerException.of(new SparkException("a job failed")).getMessage());
  }
}
