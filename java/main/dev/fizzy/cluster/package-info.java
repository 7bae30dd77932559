/**
 * Runs a command on Apache Spark. The work is cut into shards of one deterministic list; a task
 * computes a shard in a local folder and adds its files to the output, which may be on any Hadoop
 * file system. Start at {@link dev.fizzy.cluster.ShardJob} for the driver, at {@link
 * dev.fizzy.cluster.ShardTask} for a task, and at {@link dev.fizzy.cluster.Parts} for what a killed
 * or repeated task leaves behind.
 */
package dev.fizzy.cluster;
