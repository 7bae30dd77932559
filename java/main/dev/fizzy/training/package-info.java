/**
 * The training loop for any task: optimizers, learning rates, EMA, replicas on several devices,
 * checkpoints that resume with the same bits. It imports {@code weights} and the engine. Start at
 * {@link dev.fizzy.training.TrainingLoop}.
 */
package dev.fizzy.training;
