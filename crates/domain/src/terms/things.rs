//! What clinics are asked about, in all its words.

pub(super) const FREE: &str = "free gratis gratuit+ complimentary";

/// That is not also what times are.
pub(super) const COSTS_NOTHING: &str = "gratis gratuit+ complimentary";

pub(super) const CANCELLING: &str = "cancel+";

pub(super) const PARKING: &str = "parking park parks garage valet carpark estacion+ aparca+ parqueadero cochera garaje";

const INSURANCE: &str =
    "insurance insurances insurer insurers insured seguro seguros aseguranza aseguradora aseguradoras";

const CARDS: &str = "card cards credit debit tarjeta tarjetas credito debito";

/// What is looked for wherever something is stated, each as all its words.
pub(super) const THINGS: &[&str] = &[
    PARKING,
    INSURANCE,
    CARDS,
    "cash efectivo",
    "charge charges charged fee fees cobr+ recargo+ cargo cargos",
    "cheque cheques",
    "installments instalments financing financ+ cuotas plazos mensualidades",
    "visa",
    "mastercard",
    "amex",
    "paypal",
    "venmo",
    "zelle",
    "klarna",
    "afterpay",
    "carecredit",
    "bizum",
    "hsa fsa",
    "aetna",
    "anthem",
    "bcbs bluecross blueshield cross",
    "cigna",
    "humana",
    "kaiser",
    "medicaid medi",
    "medicare",
    "metlife",
    "tricare",
    "unitedhealthcare unitedhealth united uhc",
    "adeslas",
    "sanitas",
    "mapfre",
    "axa",
    "gnp",
    "bupa",
];

const INSURERS: &str = "aetna anthem bcbs bluecross blueshield cross cigna humana kaiser medicaid medicare metlife tricare \
    unitedhealthcare unitedhealth united uhc adeslas sanitas mapfre axa gnp bupa delta guardian oscar ambetter molina \
    imss isapre fonasa";

/// What is said with another thing: who takes Cigna takes insurance.
pub(super) const IMPLIED: &[(&str, &str)] = &[(INSURANCE, INSURERS), (CARDS, "visa mastercard amex")];

/// Words that say the same, in one language or in two.
pub(super) const ALIKE: &[&str] = &[
    "wheelchair wheelchairs ramp ramps accessible accessibility rampa rampas silla sillas ruedas accesible accesibilidad",
    "wifi internet",
    "child children kid kids nino ninos nina ninas menores",
    "adult adults adulto adultos",
    "interpreter interpreters translator interprete interpretes traductor",
    "spanish espanol castellano",
    "english ingles",
    "french frances",
    "dog dogs perro perros",
    "cat cats gato gatos",
    "pet pets animal animals mascota mascotas animales",
    "elevator elevators lift ascensor elevador",
    "restroom restrooms bathroom bathrooms toilet toilets bano banos",
    "discount discounts descuento descuentos",
    "emergency emergencies urgencia urgencias emergencia emergencias",
    "xray xrays radiografia radiografias",
    "deposit deposits deposito depositos anticipo",
    "telehealth virtual video telemedicine telemedicina videollamada",
    "senior seniors elderly mayores",
    "student students estudiante estudiantes",
    "military veteran veterans militares",
    "waiting espera",
    "coffee cafe",
    "water agua",
    "cancellation cancellations cancelacion cancelaciones cancel cancelar",
    "late tarde",
    "fee fees charge charges charged cargo cargos tarifa cobr+",
    "tip tips propina propinas",
    "gift regalo regalos",
    "certificate certificates certificado certificados",
    "women woman mujeres mujer",
    "pregnant pregnancy embarazada embarazadas embarazo",
    "walk walkin walkins",
    "free gratis gratuit+ complimentary",
    "room rooms sala salas",
    "interpret+",
    "physio physios physiotherapist physiotherapists physiotherapy fisio fisios fisioterapeuta fisioterapia",
    "sport sports deportivo deportiva",
    "class classes clase clases",
    "house home casa domicilio",
    "guide guia",
    "car cars coche coches carro carros auto autos",
    "parking park parks estacion+ aparca+ parqueadero",
    "garage garaje cochera carpark",
    "floor piso planta",
    "form forms formulario formularios",
    "online linea",
    "amex american express",
    "entrance entrada",
    "side lateral",
    "massage massages masaje masajes",
    "hand hands mano manos",
    "haircut haircuts corte cortes pelo cabello",
    "facial facials faciales",
    "team staff equipo personal",
    "door puerta lado",
    "notice antelacion anticipacion",
    "street calle",
    "behind detras",
    "beside next lado junto",
    "building edificio",
];
