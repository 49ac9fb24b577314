import protobuf from "protobufjs";

/** etcd's raftpb as of its documentation, with the field of raft-rs that we write besides. */
const SCHEMA = `
syntax = "proto2";
package raftpb;

enum EntryType { EntryNormal = 0; EntryConfChange = 1; EntryConfChangeV2 = 2; }
enum ConfChangeType { AddNode = 0; RemoveNode = 1; UpdateNode = 2; AddLearnerNode = 3; }
enum ConfChangeTransition { Auto = 0; JointImplicit = 1; JointExplicit = 2; }
enum MessageType {
  MsgHup = 0; MsgBeat = 1; MsgProp = 2; MsgApp = 3; MsgAppResp = 4; MsgVote = 5; MsgVoteResp = 6;
  MsgSnap = 7; MsgHeartbeat = 8; MsgHeartbeatResp = 9; MsgUnreachable = 10; MsgSnapStatus = 11;
  MsgCheckQuorum = 12; MsgTransferLeader = 13; MsgTimeoutNow = 14; MsgReadIndex = 15;
  MsgReadIndexResp = 16; MsgPreVote = 17; MsgPreVoteResp = 18; MsgStorageAppend = 19;
  MsgStorageAppendResp = 20; MsgStorageApply = 21; MsgStorageApplyResp = 22; MsgForgetLeader = 23;
}

message Entry {
  optional EntryType type = 1;
  optional uint64 term = 2;
  optional uint64 index = 3;
  optional bytes data = 4;
}
message SnapshotMetadata {
  optional ConfState confState = 1;
  optional uint64 index = 2;
  optional uint64 term = 3;
}
message Snapshot {
  optional bytes data = 1;
  optional SnapshotMetadata metadata = 2;
}
message Message {
  optional MessageType type = 1;
  optional uint64 to = 2;
  optional uint64 from = 3;
  optional uint64 term = 4;
  optional uint64 logTerm = 5;
  optional uint64 index = 6;
  repeated Entry entries = 7;
  optional uint64 commit = 8;
  optional Snapshot snapshot = 9;
  optional bool reject = 10;
  optional uint64 rejectHint = 11;
  optional bytes context = 12;
  optional uint64 vote = 13;
  repeated Message responses = 14;
  optional int64 priority = 16;
}
message HardState {
  optional uint64 term = 1;
  optional uint64 vote = 2;
  optional uint64 commit = 3;
}
message ConfState {
  repeated uint64 voters = 1;
  repeated uint64 learners = 2;
  repeated uint64 votersOutgoing = 3;
  repeated uint64 learnersNext = 4;
  optional bool autoLeave = 5;
}
message ConfChange {
  optional uint64 id = 1;
  optional ConfChangeType type = 2;
  optional uint64 node = 3;
  optional bytes context = 4;
}
message ConfChangeSingle {
  optional ConfChangeType type = 1;
  optional uint64 node = 2;
}
message ConfChangeV2 {
  optional ConfChangeTransition transition = 1;
  repeated ConfChangeSingle changes = 2;
  optional bytes context = 3;
}
`;

/** protobufjs without Long, so that numbers of 64 bits are numbers: the faster way, and the one that ours compares to. */
function parsed(): protobuf.Root {
  protobuf.util.Long = undefined as never;
  protobuf.configure();
  return protobuf.parse(SCHEMA, { keepCase: true }).root;
}

const root = parsed();

/** The codec that protobufjs makes for a message of raftpb. */
export function raftpb(name: string): protobuf.Type {
  return root.lookupType(`raftpb.${name}`);
}
