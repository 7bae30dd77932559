package dev.fizzy.engine.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Marks tests of the CUDA engine. Maven's execution cuda-stand-in runs them over stand-ins for
 * NVIDIA's libraries, cuda-gpu on a GPU.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfEnvironmentVariable(named = "FIZZY_CUDA", matches = "stand-in|gpu")
public @interface OnCuda {}
