/**
 * The tests of the contract, in packages by its sections. The name of a test begins with the rule that it proves:
 * {@code rule_condition_outcome}. What is common to two packages lies in {@code kit}; {@code internal} has the tests of
 * the parts, {@code proof} the long proofs, {@code example} the job board.
 *
 * <table>
 * <caption>Which rule is tested where</caption>
 * <tr><td>L1</td><td>lifecycle.NeverStartedTest, lifecycle.PhaseTest, lifecycle.StartRaceTest, lifecycle.StartTest,
 * lifecycle.SyncBesideBackgroundTest, proof.time.StillTest, schedule.ForeignTickerTest</td></tr>
 * <tr><td>L2</td><td>creation.CreatorTest, failure.OccupiedCarriersTest, internal.items.CreationsTest,
 * internal.items.FenceTest, internal.schedule.ScheduleTest, internal.schedule.ScheduleWalkTest,
 * lifecycle.CancellationTest, lifecycle.CloseDeletionTest, lifecycle.CloseFromCallbackTest, lifecycle.CloseRaceTest,
 * lifecycle.CloseTest, lifecycle.ClosedLoaderTest, lifecycle.DeletionCloseRaceTest, lifecycle.InterruptTest,
 * lifecycle.RunTest, lifecycle.StartCloseRaceTest, lifecycle.SyncCloseRaceTest, lifecycle.SyncInterruptRaceTest,
 * log.ThreadDumpTest, proof.faults.CallbackFaultsTest, proof.simulation.SimulationTest, proof.time.JumpTest,
 * proof.time.StillTest, refresh.HangingListenerTest, refresh.ListenerTest</td></tr>
 * <tr><td>L3</td><td>deletion.ForgetTest, internal.items.CreationsTest, lifecycle.ClosedTest,
 * lifecycle.DeletionCloseRaceTest, waiting.AwaitTest, waiting.RefreshNowTest</td></tr>
 * <tr><td>L4</td><td>lifecycle.InheritanceTest</td></tr>
 * <tr><td>G1</td><td>internal.items.ItemMapTest, internal.items.TableTest, proof.time.StillTest,
 * reads.ReadTest</td></tr>
 * <tr><td>G2</td><td>internal.items.TableTest, reads.NullTest</td></tr>
 * <tr><td>C1</td><td>creation.CreationTest, internal.items.CreationsTest, reads.SizeRaceTest</td></tr>
 * <tr><td>C2</td><td>creation.CreatorTest, internal.items.CreationsTest</td></tr>
 * <tr><td>C3</td><td>creation.CreationTest, internal.items.CreationsTest, internal.items.FenceTest,
 * schedule.NextInTest</td></tr>
 * <tr><td>C4</td><td>creation.FirstRefreshTest, internal.items.FenceTest, internal.items.StripeTest,
 * internal.schedule.ScheduleTurnsTest, internal.schedule.TurnsTest, proof.faults.OverloadTest,
 * proof.simulation.SimulationTest, proof.time.JumpTest, reads.GaugesTest</td></tr>
 * <tr><td>C5</td><td>creation.CapacityTest, creation.EvictionTest, internal.items.CreationsTest,
 * internal.items.GhostsTest, internal.items.ItemMapTest, internal.items.ItemQueueTest, internal.items.StripeTest,
 * proof.simulation.SimulationTest, reads.SizeRaceTest, reads.StripeShareTest</td></tr>
 * <tr><td>C6</td><td>creation.KeepTerminalTest</td></tr>
 * <tr><td>C7</td><td>creation.CreateBatchTest</td></tr>
 * <tr><td>D1</td><td>DifferentFromAncestorTest, deletion.DeletionTest, internal.items.FenceTest</td></tr>
 * <tr><td>D2</td><td>deletion.DeletionTest, internal.items.FenceTest</td></tr>
 * <tr><td>D3</td><td>deletion.DeletionTest, deletion.FailedDeletionTest, failure.RetryAfterTest,
 * internal.items.FenceTest, internal.schedule.ScheduleTurnsTest, internal.schedule.TurnsTest, log.ThreadDumpTest,
 * proof.simulation.SimulationTest, proof.time.JumpTest, reads.GaugesTest, reads.SizeRaceTest, schedule.DueTest,
 * schedule.NextInTest, schedule.SystemTickerTest</td></tr>
 * <tr><td>D4</td><td>DifferentFromAncestorTest, deletion.FencingTest, deletion.ForgetTest, internal.items.FenceTest,
 * proof.simulation.SimulationTest</td></tr>
 * <tr><td>R1</td><td>DifferentFromAncestorTest, deletion.SlowDeletionTest, failure.RetryAfterTest, failure.RetryTest,
 * internal.items.FenceTest, internal.items.ItemQueueTest, internal.items.WalkTest,
 * internal.schedule.BackoffPolicyTest, internal.schedule.DueQueueTest, internal.schedule.LaneTest,
 * internal.schedule.ScheduleApartTest, internal.schedule.ScheduleTest, internal.schedule.ScheduleTurnsTest,
 * internal.schedule.ScheduleWalkTest, internal.schedule.TurnsTest, lifecycle.SyncBesideBackgroundTest,
 * proof.simulation.SimulationTest, proof.time.JumpTest, proof.time.StillTest, reads.GaugesTest, refresh.CycleEndTest,
 * refresh.GroupKeyTest, refresh.RefreshTest, refresh.StragglerRaceTest, schedule.DueTest, schedule.ForeignTickerTest,
 * schedule.NextInTest, schedule.OverrunTest, schedule.SlowRemoteTest, schedule.SpreadTest, schedule.SystemTickerTest,
 * schedule.TurnsTest</td></tr>
 * <tr><td>R2</td><td>DifferentFromAncestorTest, deletion.FencingTest, deletion.ForgetTest, deletion.RecreationTest,
 * internal.items.FenceTest, lifecycle.SyncBesideBackgroundTest, proof.simulation.SimulationTest, refresh.RefreshTest,
 * schedule.OverrunTest, schedule.SlowRemoteTest</td></tr>
 * <tr><td>R3</td><td>DifferentFromAncestorTest, internal.items.FenceTest, proof.faults.AnswerFaultsTest,
 * proof.simulation.SimulationTest, reads.SizeRaceTest, refresh.DeletedAfterTest, refresh.EqualValueTest,
 * refresh.OutcomeTest, schedule.IntervalTest</td></tr>
 * <tr><td>R4</td><td>failure.ContainmentTest</td></tr>
 * <tr><td>R5</td><td>DifferentFromAncestorTest, failure.ContainmentTest, failure.RetryAfterTest,
 * lifecycle.BackgroundFailureTest, lifecycle.InterruptTest, proof.faults.CallbackFaultsTest, refresh.EqualValueTest,
 * refresh.GroupKeyTest, refresh.ListenerBoundTest, waiting.AwaitTest</td></tr>
 * <tr><td>R6</td><td>DifferentFromAncestorTest, failure.BackoffTest, failure.KeptFailureTest, failure.RecoveryTest,
 * failure.RetryAfterTest, internal.items.FenceTest, internal.items.StripeTest, internal.schedule.BackoffPolicyTest,
 * proof.simulation.SimulationTest, proof.time.JumpTest, proof.time.StillTest, reads.GaugesTest, schedule.DueTest,
 * schedule.SystemTickerTest</td></tr>
 * <tr><td>R7</td><td>failure.AbandonedTest, failure.BackoffTest, failure.ManyBadItemsTest,
 * failure.OccupiedCarriersTest, failure.RecoveryTest, failure.StoppedProcessTest, failure.TimeoutTest,
 * internal.schedule.BackoffPolicyTest, internal.schedule.HealthTest, internal.schedule.SuspectTest,
 * lifecycle.CancellationTest, proof.simulation.FailureSimulationTest, proof.simulation.SimulationTest,
 * proof.time.JumpTest, proof.time.StillTest, schedule.SystemTickerTest, waiting.RefreshNowTest</td></tr>
 * <tr><td>R8</td><td>DifferentFromAncestorTest, deletion.FailedDeletionTest, internal.engine.YieldTest,
 * internal.schedule.CallRateTest, internal.schedule.DueQueueTest, internal.schedule.PacerTest,
 * internal.schedule.ScheduleApartTest, internal.schedule.ScheduleTest, internal.schedule.ScheduleWalkTest,
 * proof.faults.OverloadTest, proof.simulation.SimulationTest, proof.time.JumpTest, proof.time.StillTest,
 * reads.MemoryTest, refresh.LimitsTest, schedule.DueTest, schedule.SystemTickerTest</td></tr>
 * <tr><td>R9</td><td>failure.RetryTest, internal.schedule.CallRateTest, internal.schedule.EvenSpreadTest,
 * internal.schedule.PacerTest, internal.schedule.ScheduleApartTest, internal.schedule.ScheduleTest,
 * lifecycle.SyncBesideBackgroundTest, proof.simulation.SimulationTest, proof.time.JumpTest, schedule.SlowRemoteTest,
 * schedule.SpreadTest</td></tr>
 * <tr><td>R10</td><td>failure.OutageTest, internal.engine.YieldTest, internal.schedule.ScheduleLoadTest,
 * internal.schedule.ScheduleTest, internal.schedule.ScheduleTurnsTest, log.OverrunLogTest,
 * proof.simulation.SimulationTest, proof.time.JumpTest, proof.time.StillTest, schedule.OverrunTest,
 * schedule.SlowRemoteTest</td></tr>
 * <tr><td>R11</td><td>creation.CapacityTest, internal.items.EventQueueTest, internal.items.FenceTest,
 * refresh.HangingListenerTest, refresh.ListenerBoundTest, refresh.ListenerRaceTest, refresh.ListenerTest</td></tr>
 * <tr><td>R12</td><td>failure.GroupTroubleTest, internal.schedule.HealthTest, internal.schedule.SuspectTest,
 * proof.simulation.FailureSimulationTest, proof.simulation.SimulationTest</td></tr>
 * <tr><td>W1</td><td>schedule.IntervalTest, waiting.AwaitTest</td></tr>
 * <tr><td>W2</td><td>waiting.RefreshNowTest</td></tr>
 * <tr><td>W3</td><td>waiting.RefreshNowTest</td></tr>
 * <tr><td>W4</td><td>waiting.RefreshNowTest</td></tr>
 * <tr><td>W5</td><td>waiting.ReadyTest</td></tr>
 * <tr><td>W6</td><td>waiting.WaitingCostTest</td></tr>
 * <tr><td>M1</td><td>failure.GroupTroubleTest, internal.schedule.HealthTest, internal.schedule.SuspectTest,
 * proof.simulation.FailureSimulationTest, proof.simulation.SimulationTest, refresh.GroupKeyTest,
 * waiting.RefreshNowTest</td></tr>
 * <tr><td>M2</td><td>failure.ManyBadItemsTest, proof.simulation.FailureSimulationTest</td></tr>
 * <tr><td>S1</td><td>internal.schedule.ScheduleWalkTest, proof.simulation.SimulationTest, schedule.DueTest,
 * schedule.NextInTest</td></tr>
 * <tr><td>S2</td><td>schedule.IntervalTest</td></tr>
 * <tr><td>S6</td><td>internal.schedule.LaneTest, internal.schedule.ScheduleApartTest, proof.simulation.SimulationTest,
 * schedule.NextInTest</td></tr>
 * </table>
 */
package io.autorefresh;
