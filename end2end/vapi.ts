// What this server answers Vapi, and what Vapi asks, held against Vapi's own
// types. The server's tests hold it against what is really answered, and ask it.
import type { Vapi } from "@vapi-ai/server-sdk";

export const toolCalls = {
    "results": [
        {
            "name": "checkAvailability",
            "result": "For Haircut these times are free: Tuesday, December first, at 9 AM, 1:30 PM or 5:15 PM.",
            "toolCallId": "tc_1"
        },
        {
            "error": "There is no such tool.",
            "name": "orderPizza",
            "toolCallId": "tc_2"
        }
    ]
} satisfies Vapi.ServerMessageResponseToolCalls;

export const knowledge = {
    "documents": []
} satisfies Vapi.ServerMessageResponseKnowledgeBaseRequest;

export const destination = {
    "destination": {
        "number": "+15551230100",
        "type": "number"
    }
} satisfies Vapi.ServerMessageResponseTransferDestinationRequest;

export const nobody = {
    "error": "Nobody can take the call now. I can pass a message on to the clinic's staff."
} satisfies Vapi.ServerMessageResponseTransferDestinationRequest;

export const assistant = {
    "assistant": {
        "firstMessage": "Hello, this is the automated assistant of Bloom Wellness Studio. I can answer questions about the studio and book a visit for you.",
        "model": {
            "messages": [
                {
                    "content": "…",
                    "role": "system"
                }
            ],
            "model": "gpt-4.1",
            "provider": "openai",
            "temperature": 0.2,
            "tools": [
                {
                    "function": {
                        "description": "Books a visit. Use it once the caller has agreed to the kind of visit, the date and the time.",
                        "name": "bookClinicAppointment",
                        "parameters": {
                            "properties": {
                                "appointmentDate": {
                                    "description": "The date, YYYY-MM-DD",
                                    "type": "string"
                                },
                                "appointmentTime": {
                                    "description": "The time on the clinic's clock, HH:MM, 24 hours",
                                    "type": "string"
                                },
                                "birthDate": {
                                    "description": "The patient's date of birth, YYYY-MM-DD, if given; do not ask for it",
                                    "type": "string"
                                },
                                "notes": {
                                    "description": "What the clinic should know beforehand, if anything",
                                    "type": "string"
                                },
                                "patientEmail": {
                                    "description": "The patient's e-mail address, if given",
                                    "type": "string"
                                },
                                "patientName": {
                                    "description": "The patient's full name",
                                    "type": "string"
                                },
                                "patientPhone": {
                                    "description": "The patient's phone number",
                                    "type": "string"
                                },
                                "serviceType": {
                                    "description": "The kind of visit, by its name",
                                    "type": "string"
                                }
                            },
                            "required": [
                                "patientName",
                                "patientPhone",
                                "appointmentDate",
                                "appointmentTime",
                                "serviceType"
                            ],
                            "type": "object"
                        }
                    },
                    "type": "function"
                },
                {
                    "function": {
                        "description": "Finds free times, on a date or the next ones.",
                        "name": "checkAvailability",
                        "parameters": {
                            "properties": {
                                "appointmentDate": {
                                    "description": "The date, YYYY-MM-DD",
                                    "type": "string"
                                },
                                "appointmentTime": {
                                    "description": "A time to look near, HH:MM",
                                    "type": "string"
                                },
                                "practitionerName": {
                                    "description": "With whom, if the caller minds",
                                    "type": "string"
                                },
                                "serviceType": {
                                    "description": "The kind of visit, by its name",
                                    "type": "string"
                                }
                            },
                            "required": [
                                "serviceType"
                            ],
                            "type": "object"
                        }
                    },
                    "type": "function"
                },
                {
                    "function": {
                        "description": "Keeps a free time for a few minutes while the caller gives their details.",
                        "name": "holdSlot",
                        "parameters": {
                            "properties": {
                                "appointmentDate": {
                                    "description": "The date, YYYY-MM-DD",
                                    "type": "string"
                                },
                                "appointmentTime": {
                                    "description": "The time on the clinic's clock, HH:MM, 24 hours",
                                    "type": "string"
                                },
                                "practitionerName": {
                                    "description": "With whom, if the caller minds",
                                    "type": "string"
                                },
                                "serviceType": {
                                    "description": "The kind of visit, by its name",
                                    "type": "string"
                                }
                            },
                            "required": [
                                "serviceType",
                                "appointmentDate",
                                "appointmentTime"
                            ],
                            "type": "object"
                        }
                    },
                    "type": "function"
                },
                {
                    "function": {
                        "description": "Finds the caller's visits.",
                        "name": "lookupAppointment",
                        "parameters": {
                            "properties": {
                                "birthDate": {
                                    "description": "The patient's date of birth, YYYY-MM-DD",
                                    "type": "string"
                                },
                                "confirmationCode": {
                                    "description": "The visit's confirmation code, 8 letters and digits",
                                    "type": "string"
                                },
                                "patientName": {
                                    "description": "The patient's full name",
                                    "type": "string"
                                }
                            },
                            "required": [],
                            "type": "object"
                        }
                    },
                    "type": "function"
                },
                {
                    "function": {
                        "description": "Moves a visit to a new date and time.",
                        "name": "rescheduleAppointment",
                        "parameters": {
                            "properties": {
                                "birthDate": {
                                    "description": "The patient's date of birth, YYYY-MM-DD",
                                    "type": "string"
                                },
                                "appointmentDate": {
                                    "description": "The date, YYYY-MM-DD",
                                    "type": "string"
                                },
                                "appointmentTime": {
                                    "description": "The time on the clinic's clock, HH:MM, 24 hours",
                                    "type": "string"
                                },
                                "confirmationCode": {
                                    "description": "The visit's confirmation code, 8 letters and digits",
                                    "type": "string"
                                },
                                "currentDate": {
                                    "description": "The date the visit is on now, YYYY-MM-DD, if there are several",
                                    "type": "string"
                                },
                                "patientName": {
                                    "description": "The patient's full name",
                                    "type": "string"
                                }
                            },
                            "required": [
                                "appointmentDate",
                                "appointmentTime"
                            ],
                            "type": "object"
                        }
                    },
                    "type": "function"
                },
                {
                    "function": {
                        "description": "Calls a visit off, once the caller has said yes to that.",
                        "name": "cancelAppointment",
                        "parameters": {
                            "properties": {
                                "birthDate": {
                                    "description": "The patient's date of birth, YYYY-MM-DD",
                                    "type": "string"
                                },
                                "confirmationCode": {
                                    "description": "The visit's confirmation code, 8 letters and digits",
                                    "type": "string"
                                },
                                "currentDate": {
                                    "description": "The date the visit is on now, YYYY-MM-DD, if there are several",
                                    "type": "string"
                                },
                                "patientName": {
                                    "description": "The patient's full name",
                                    "type": "string"
                                },
                                "reason": {
                                    "description": "Why, if the caller says so",
                                    "type": "string"
                                }
                            },
                            "required": [],
                            "type": "object"
                        }
                    },
                    "type": "function"
                },
                {
                    "function": {
                        "description": "Passes a message on to the clinic's staff.",
                        "name": "createInquiry",
                        "parameters": {
                            "properties": {
                                "message": {
                                    "description": "What the caller would like, in a sentence or two",
                                    "type": "string"
                                },
                                "patientName": {
                                    "description": "The patient's full name",
                                    "type": "string"
                                },
                                "patientPhone": {
                                    "description": "The patient's phone number",
                                    "type": "string"
                                }
                            },
                            "required": [
                                "message"
                            ],
                            "type": "object"
                        }
                    },
                    "type": "function"
                }
            ]
        },
        "name": "Bloom Wellness Studio receptionist",
        "serverMessages": [
            "tool-calls",
            "status-update",
            "end-of-call-report",
            "transfer-destination-request",
            "transcript[transcriptType=\"final\"]"
        ],
        "transcriber": {
            "language": "en",
            "model": "nova-3",
            "provider": "deepgram"
        }
    }
} satisfies Vapi.ServerMessageResponseAssistantRequest;

export const spanishAssistant = {
    "assistant": {
        "firstMessage": "Hello, this is the automated assistant of Bloom Wellness Studio. I can answer questions about the studio and book a visit for you.",
        "model": {
            "messages": [
                {
                    "content": "…",
                    "role": "system"
                }
            ],
            "model": "gpt-4.1",
            "provider": "openai",
            "temperature": 0.2,
            "tools": []
        },
        "name": "Bloom Wellness Studio receptionist",
        "serverMessages": [
            "tool-calls",
            "status-update",
            "end-of-call-report",
            "transfer-destination-request",
            "transcript[transcriptType=\"final\"]"
        ],
        "transcriber": {
            "language": "es",
            "model": "nova-3",
            "provider": "deepgram"
        },
        "voice": {
            "provider": "azure",
            "voiceId": "es-MX-DaliaNeural"
        }
    }
} satisfies Vapi.ServerMessageResponseAssistantRequest;

// What Vapi asks, in its own types. The server's tests send it as it stands.
export const askTools = {
    "type": "tool-calls",
    "call": {
        "createdAt": "2026-11-20T15:00:00.000Z",
        "customer": { "number": "+15551234567" },
        "id": "typed-1",
        "orgId": "00000000-0000-4000-8000-000000000001",
        "updatedAt": "2026-11-20T15:00:00.000Z"
    },
    "toolCallList": [
        {
            "function": {
                "arguments": "{\"patientName\":\"Ada Lovelace\",\"patientPhone\":\"+15551234567\",\"birthDate\":\"1985-12-10\",\"appointmentDate\":\"2026-12-01\",\"appointmentTime\":\"15:00\",\"serviceType\":\"haircut\"}",
                "name": "bookClinicAppointment"
            },
            "id": "tc_1",
            "type": "function"
        },
        {
            "function": {
                "arguments": "{\"patientName\":\"Ada Lovelace\",\"birthDate\":\"1985-12-10\"}",
                "name": "lookupAppointment"
            },
            "id": "tc_2",
            "type": "function"
        }
    ],
    "toolWithToolCallList": []
} satisfies Vapi.ServerMessageToolCalls;

export const askWithTool = {
    "type": "tool-calls",
    "call": {
        "createdAt": "2026-11-20T15:00:00.000Z",
        "customer": { "number": "+15551234567" },
        "id": "typed-1",
        "orgId": "00000000-0000-4000-8000-000000000001",
        "updatedAt": "2026-11-20T15:00:00.000Z"
    },
    "toolCallList": [],
    "toolWithToolCallList": [
        {
            "function": { "name": "checkAvailability" },
            "toolCall": {
                "function": {
                    "arguments": "{\"serviceType\":\"haircut\",\"appointmentDate\":\"2026-12-02\"}",
                    "name": "checkAvailability"
                },
                "id": "tc_3",
                "type": "function"
            },
            "type": "function"
        }
    ]
} satisfies Vapi.ServerMessageToolCalls;

export const tellStatus = {
    "type": "status-update",
    "call": {
        "createdAt": "2026-11-20T15:00:00.000Z",
        "customer": { "number": "+15551234567" },
        "id": "typed-1",
        "orgId": "00000000-0000-4000-8000-000000000001",
        "updatedAt": "2026-11-20T15:00:00.000Z"
    },
    "status": "in-progress"
} satisfies Vapi.ServerMessageStatusUpdate;

export const tellTranscript = {
    "type": "transcript",
    "call": {
        "createdAt": "2026-11-20T15:00:00.000Z",
        "customer": { "number": "+15551234567" },
        "id": "typed-1",
        "orgId": "00000000-0000-4000-8000-000000000001",
        "updatedAt": "2026-11-20T15:00:00.000Z"
    },
    "role": "user",
    "transcript": "I have crushing chest pain right now.",
    "transcriptType": "final"
} satisfies Vapi.ServerMessageTranscript;

export const askDestination = {
    "type": "transfer-destination-request",
    "call": {
        "createdAt": "2026-11-20T15:00:00.000Z",
        "customer": { "number": "+15551234567" },
        "id": "typed-1",
        "orgId": "00000000-0000-4000-8000-000000000001",
        "updatedAt": "2026-11-20T15:00:00.000Z"
    }
} satisfies Vapi.ServerMessageTransferDestinationRequest;

export const askAssistant = {
    "type": "assistant-request",
    "call": {
        "createdAt": "2026-11-20T15:00:00.000Z",
        "customer": { "number": "+15551234567" },
        "id": "typed-1",
        "orgId": "00000000-0000-4000-8000-000000000001",
        "updatedAt": "2026-11-20T15:00:00.000Z"
    }
} satisfies Vapi.ServerMessageAssistantRequest;

export const askKnowledge = {
    "type": "knowledge-base-request",
    "call": {
        "createdAt": "2026-11-20T15:00:00.000Z",
        "customer": { "number": "+15551234567" },
        "id": "typed-1",
        "orgId": "00000000-0000-4000-8000-000000000001",
        "updatedAt": "2026-11-20T15:00:00.000Z"
    },
    "messagesOpenAIFormatted": []
} satisfies Vapi.ServerMessageKnowledgeBaseRequest;

export const tellReport = {
    "type": "end-of-call-report",
    "analysis": { "summary": "Booked a haircut." },
    "artifact": {
        "messages": [
            { "endTime": 1795186803000, "message": "Hello.", "role": "bot", "secondsFromStart": 1, "time": 1795186801000 },
            { "endTime": 1795186806000, "message": "A haircut, and stop texting me.", "role": "user", "secondsFromStart": 4, "time": 1795186804000 },
            { "endTime": 1795186809000, "message": "Done.", "role": "bot", "secondsFromStart": 8, "time": 1795186808000 }
        ],
        "transcript": "AI: Hello.\nUser: A haircut, and stop texting me.\nAI: Done."
    },
    "call": {
        "createdAt": "2026-11-20T15:00:00.000Z",
        "customer": { "number": "+15551234567" },
        "id": "typed-1",
        "orgId": "00000000-0000-4000-8000-000000000001",
        "updatedAt": "2026-11-20T15:00:00.000Z"
    },
    "endedAt": "2026-11-20T15:04:00.000Z",
    "endedReason": "customer-ended-call"
} satisfies Vapi.ServerMessageEndOfCallReport;

// The older shape is no answer of Vapi's.
export const older = {
    // @ts-expect-error Its results are a list.
    "results": { "toolCallId": "tc_1", "result": { "success": true } }
} satisfies Vapi.ServerMessageResponseToolCalls;
