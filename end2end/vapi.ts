// What this server answers Vapi, held against Vapi's own types. The server's
// tests hold it against what is really answered.
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
                                "confirmationCode": {
                                    "description": "The visit's confirmation code, 8 letters and digits",
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
                                },
                                "patientPhone": {
                                    "description": "The patient's phone number",
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
                                "patientPhone": {
                                    "description": "The patient's phone number",
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
            "transfer-destination-request"
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
            "transfer-destination-request"
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

// The older shape is no answer of Vapi's.
export const older = {
    // @ts-expect-error Its results are a list.
    "results": { "toolCallId": "tc_1", "result": { "success": true } }
} satisfies Vapi.ServerMessageResponseToolCalls;
